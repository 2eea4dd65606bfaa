"""What the columns and the states of an exported sheet are called, in Chinese and English."""

from enum import StrEnum


class Tongue(StrEnum):
    ZH = "zh"
    EN = "en"


Words = dict[Tongue, str]


def _both(en: str, zh: str) -> Words:
    return {Tongue.EN: en, Tongue.ZH: zh}


YES, NO = _both("yes", "是"), _both("no", "否")

STATES: dict[str, Words] = {
    "planned": _both("planned", "待发送"),
    "assigned": _both("assigned", "已交办"),
    "acknowledged": _both("acknowledged", "已收到"),
    "posting": _both("posting", "发送中"),
    "relayed": _both("relayed", "已转发"),
    "uncertain": _both("uncertain", "结果不明"),
    "missed": _both("missed", "漏发"),
    "failed": _both("failed", "失败"),
    "skipped": _both("skipped", "已跳过"),
    "cancelled": _both("cancelled", "已取消"),
}

HEADS: dict[str, Words] = {
    **STATES,
    "group": _both("group", "群名称"),
    "platform": _both("platform", "平台"),
    "branch": _both("branch", "分支"),
    "state": _both("state", "状态"),
    "reason": _both("reason", "原因"),
    "route": _both("route", "渠道"),
    "leader": _both("leader", "负责人"),
    "deputies": _both("deputies", "副手"),
    "via": _both("via", "发送方"),
    "evidence": _both("evidence", "凭据"),
    "proof_picture": _both("proof picture", "凭证图片编号"),
    "late": _both("late", "迟到"),
    "since": _both("since ({zone})", "起始时间（{zone}）"),
    "deadline_at": _both("deadline ({zone})", "截止时间（{zone}）"),
    "assigned_at": _both("asked at ({zone})", "交办时间（{zone}）"),
    "relayed_at": _both("relayed at ({zone})", "转发时间（{zone}）"),
    "nudges": _both("nudges", "提醒次数"),
    "next_step": _both("next step", "下一步"),
    "groups": _both("groups", "群数"),
    "relay_id": _both("relay_id", "转发编号"),
    "group_id": _both("group_id", "群编号"),
}

_OTHERS: dict[str, Words] = {
    "bot": _both("bot", "机器人"),
    "leader": _both("leader", "负责人"),
    "deputy": _both("deputy", "副手"),
    "head": _both("head", "总负责人"),
    "self_reported": _both("self-reported", "本人确认"),
    "proof": _both("proof", "有凭证"),
    "platform_verified": _both("verified by the platform", "平台核实"),
}


def word(value: StrEnum, tongue: Tongue) -> str:
    """A word of the ledger in the reader's language; one that the catalogue lacks as it is."""
    found = STATES.get(value.value) or _OTHERS.get(value.value)
    return found[tongue] if found else value.value
