"""Reasons that hold a name or a number are said in the reader's language, whoever wrote them down."""

from datetime import UTC, datetime

import pytest

from app.flows.outcomes import NOT_CALLED, said
from app.web.reader import Reader
from app.web.words import Tongue

SET_BACK = "the database was set back to A: what left between then and B is not in it, and may be said twice"
HELD = "数据库回到了 A 的备份：从那时到 B 发出的消息不在账上，再发可能重复。先核对每条结果不明的消息，再打开总开关。"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "tongue", "said"),
    [
        ("passed on to 李强 (deputy): 100 % of the time has passed", "zh", "已转给李强（副手）：时限已过 100%"),
        (
            "passed on to Li (branch leader): the answer was “travelling”",
            "zh",
            "已转给Li（上级负责人）：回复是“出门在外”",
        ),
        ("passed on to A (b): c (head): the leader is away", "en", "passed on to A (b): c (head): the leader is away"),
        ("handed over by key:总运营", "zh", "由总运营转交"),
        (
            "no account could post it (bot_kicked · out): a leader is asked",
            "zh",
            "机器人发不了（bot_kicked · out），已请负责人转发",
        ),
        ("reached nobody: no one else could be asked", "zh", "没有别人可以接手"),
        ("no group is left for 钱 (华东): those beneath are asked", "zh", "钱 (华东)下面没有要发的群了，任务往下发"),
        (
            "nobody leads the branch in place of 钱 (华东): those beneath wait for 赵 (全国)",
            "zh",
            "钱 (华东)之后分支没有负责人，等赵 (全国)过目后再往下发",
        ),
        (
            "赵 leads the branch in place of 钱 (华东) and is told above it: those beneath wait for 孙 (南区)",
            "zh",
            "钱 (华东)的分支改由赵负责，上一级会通知到，等孙 (南区)过目后再往下发",
        ),
        ("钱 (华东) is reminded to read it", "zh", "已提醒钱 (华东)过目"),
        (
            "Qian (East) is not reminded to read it: 3 nudges in the last 24 hours",
            "zh",
            "没提醒Qian (East)过目：24 小时内已提醒 3 次",
        ),
        ("a quorum is not judged: its branch is gone", "zh", "分支已删除，不再检查它的完成率"),
        (
            "line_lost · The message may have been posted.; the chat does not show it",
            "zh",
            "连接断了，没等到平台的回答：可能发出去了，也可能没有。到群里查过，没看到这一条",
        ),
        (said(NOT_CALLED), "zh", "这个地址已经作废，没有再调用：请给这个群填新地址"),
        ("found in the chat by its key", "zh", "在群里查到了这一条"),
        (SET_BACK, "zh", HELD),
        ("手机坏了", "en", "手机坏了"),
    ],
)
def test_a_reason_is_said_in_the_readers_language(text: str, tongue: Tongue, said: str) -> None:
    assert Reader(tongue, UTC, NOON, "").reason(text) == said
