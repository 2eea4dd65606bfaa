"""What platforms publish of their limits: the one table the adapters, `GET /limits` and `docs/limits.md` read.

Sources are those of the fact sheet: a page's address, or the code that counts. A limit that is `paced` is kept by the
pacer, one that is `counted` from the ledger; what is only `told` is for the operator to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.limits import Limit, Period, Quota, Rush, Scope

CHAT, ACCOUNT, PLATFORM = Scope.CHAT, Scope.ACCOUNT, Scope.PLATFORM


class Trust(StrEnum):
    """How sure a figure is."""

    DOCUMENTED = "documented"  # the platform says so, or its own code does
    OBSERVED = "observed"  # seen in answers or told by staff and users, in no official page
    GUESSED = "guessed"  # ours, on the safe side of vague words


class Shape(StrEnum):
    """How a platform lets its count be used."""

    BURST = "burst"  # all at once, then a wait
    SMOOTH = "smooth"  # evenly; `count` is what a full bucket holds


class Kept(StrEnum):
    """Who keeps a limit."""

    PACED = "paced"
    COUNTED = "counted"
    TOLD = "told"


@dataclass(frozen=True)
class Published:
    """One line of the table. `per`: what the platform counts for; `penalty`: what a breach costs."""

    channel: str
    limit: Limit | Quota
    per: str
    source: str
    trust: Trust = Trust.DOCUMENTED
    penalty: str = ""
    shape: Shape = Shape.BURST
    kept: Kept = Kept.PACED


@dataclass(frozen=True)
class Advice:
    """A platform asks to stay away from some moments."""

    channel: str
    rush: Rush
    source: str
    trust: Trust = Trust.DOCUMENTED


_WECOM = "https://developer.work.weixin.qq.com/document/path/90454"
_WECOM_ROBOT = "https://developer.work.weixin.qq.com/document/path/91770"
_WECOM_CUSTOMERS = "https://developer.work.weixin.qq.com/document/path/92135"
_FEISHU = "https://open.larkoffice.com/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN.md"
_FEISHU_API = "https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control.md"
_FEISHU_MONTH = "https://open.feishu.cn/document/platform-notices/platform-updates-/custom-app-api-call-limit.md"
_DINGTALK = "https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages"
_TELEGRAM = "https://grammy.dev/advanced/flood (quotes Telegram's FAQ)"
_SLACK = "https://docs.slack.dev/apis/web-api/rate-limits.md"
_DISCORD = "https://github.com/discord/discord-api-docs developers/topics/rate-limits.mdx"
_DISCORD_STAFF = "https://github.com/discord/discord-api-docs/issues/367"
_MATTERMOST = "https://github.com/mattermost/docs rate-limiting-configuration-settings.rst"
_GOOGLE = "https://developers.google.cn/workspace/chat/limits.md.txt"
_TEAMS = "https://learn.microsoft.com/zh-CN/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook"
_SYNAPSE = "https://github.com/element-hq/synapse synapse/config/ratelimiting.py"
_ZULIP = "https://github.com/zulip/zulip api_docs/http-headers.md"

_OBSERVED, _GUESSED, _TOLD, _SMOOTH = Trust.OBSERVED, Trust.GUESSED, Kept.TOLD, Shape.SMOOTH
_LONGER = "429 with a wait, longer for those who repeat it"
_WAIT = "429 with a wait"
_DAY = "until the day ends"
_DROPPED = "silently dropped, answered as sent"

TABLE: tuple[Published, ...] = (
    Published("wecom", Limit(CHAT, 20, 60), "robot", _WECOM_ROBOT, penalty="45009; 60 s"),
    Published("wecom_app", Limit(CHAT, 30, 60), "app and member", _WECOM, penalty=_DROPPED),
    Published("wecom_app", Limit(CHAT, 1000, 3600), "app and member", _WECOM, penalty=_DROPPED),
    Published("wecom_app", Quota(ACCOUNT, 200, Period.DAY), "app and seat", _WECOM, penalty=_DAY, kept=_TOLD),
    Published(
        "wecom_customers",
        Quota(CHAT, 1, Period.MONTH, a_day=True),
        "customer group",
        _WECOM_CUSTOMERS,
        penalty="status 3 for that group",
        kept=Kept.COUNTED,
    ),
    Published("dingtalk", Limit(CHAT, 20, 60), "robot", _DINGTALK, penalty="130101; 10 minutes"),
    Published(
        "dingtalk",
        Quota(ACCOUNT, 50_000, Period.MONTH),
        "tenant, by its edition",
        "https://github.com/opsre/WatchAlert/issues/91",
        _OBSERVED,
        penalty="90030; until the next period",
        kept=_TOLD,
    ),
    Published("feishu", Limit(CHAT, 5, 1), "tenant and bot", _FEISHU, penalty="11232"),
    Published("feishu", Limit(CHAT, 100, 60), "tenant and bot", _FEISHU, penalty="11232"),
    Published("feishu_app", Limit(CHAT, 5, 1), "group, all its bots together", _FEISHU_API, penalty="230020"),
    Published("feishu_app", Limit(ACCOUNT, 50, 1), "app and tenant", _FEISHU_API, penalty="99991400 with a wait"),
    Published("feishu_app", Limit(ACCOUNT, 1000, 60), "app and tenant", _FEISHU_API, penalty="99991400 with a wait"),
    Published(
        "feishu_app",
        Quota(ACCOUNT, 10_000, Period.MONTH),
        "tenant on the free plan, all its apps together",
        _FEISHU_MONTH,
        _OBSERVED,
        penalty="until the month ends",
        kept=_TOLD,
    ),
    Published("telegram", Limit(CHAT, 1, 1), "chat", _TELEGRAM, penalty=_LONGER, shape=_SMOOTH),
    Published("telegram", Limit(CHAT, 20, 60), "bot and group", _TELEGRAM, penalty=_LONGER),
    Published("telegram", Limit(ACCOUNT, 30, 1), "bot", _TELEGRAM, penalty=_LONGER),
    Published("slack", Limit(CHAT, 1, 1), "channel", _SLACK, penalty=_WAIT, shape=_SMOOTH),
    Published("slack_app", Limit(CHAT, 1, 1), "channel", _SLACK, penalty=_WAIT, shape=_SMOOTH),
    Published("slack_app", Limit(ACCOUNT, 200, 60), "app and workspace", _SLACK, _GUESSED, penalty=_WAIT),
    Published("discord", Limit(CHAT, 5, 2), "webhook", _DISCORD_STAFF, _OBSERVED, penalty=_WAIT),
    Published("discord", Limit(CHAT, 30, 60), "channel, in no header", _DISCORD_STAFF, _OBSERVED, penalty=_WAIT),
    Published("discord", Limit(PLATFORM, 50, 1), "our address", _DISCORD, penalty="429 for everything we send"),
    Published(
        "discord", Limit(PLATFORM, 10_000, 600), "our address, refused calls", _DISCORD, penalty="a ban", kept=_TOLD
    ),
    Published("discord_bot", Limit(CHAT, 5, 5), "channel", _DISCORD_STAFF, _OBSERVED, penalty=_WAIT),
    Published("discord_bot", Limit(ACCOUNT, 50, 1), "bot", _DISCORD, penalty="429 for the whole bot"),
    Published(
        "discord_bot", Limit(PLATFORM, 10_000, 600), "our address, refused calls", _DISCORD, penalty="a ban", kept=_TOLD
    ),
    Published("matrix", Limit(ACCOUNT, 10, 50), "sender, all rooms", _SYNAPSE, penalty=_WAIT, shape=_SMOOTH),
    Published("mattermost", Limit(ACCOUNT, 10, 1), "our address; off by default", _MATTERMOST, penalty=_WAIT),
    Published("mattermost_app", Limit(ACCOUNT, 10, 1), "our address; off by default", _MATTERMOST, penalty=_WAIT),
    Published("zulip", Limit(ACCOUNT, 200, 60), "user", _ZULIP, penalty=_WAIT),
    Published("googlechat", Limit(CHAT, 1, 1), "space, all its apps together", _GOOGLE, penalty="429", shape=_SMOOTH),
    Published("googlechat", Limit(ACCOUNT, 3000, 60), "project", _GOOGLE, penalty="429"),
    Published("teams", Limit(CHAT, 4, 1), "webhook, as the connectors had it", _TEAMS, penalty="429"),
)

ADVICE: tuple[Advice, ...] = (
    Advice("feishu", Rush(60, 60), _FEISHU),
    Advice("wecom_app", Rush(0, 60), "the vendor's page on app messages, as quoted in S-WC2", Trust.OBSERVED),
)

SHARED: Mapping[str, tuple[str, ...]] = {
    "discord": (),
    "discord_bot": ("bot_token",),
    "feishu_app": ("app_id",),
    "matrix": ("access_token",),
    "mattermost_app": (),
    "slack_app": ("bot_token",),
    "telegram": ("bot_token",),
    "wecom_app": ("corp_id", "agent_id"),
    "zulip": ("email",),
}
"""Which secrets name the one a platform counts for, and of whom it keeps keys: accounts that agree in them, and in
their base URL, are one to it and share its limits. Without any name it counts for our address, so all accounts
share."""


def paced(channel: str) -> tuple[Limit, ...]:
    """What the pacer keeps for a channel, narrowest scope first."""
    return tuple(
        line.limit
        for line in TABLE
        if line.channel == channel and line.kept is Kept.PACED and isinstance(line.limit, Limit)
    )


def quotas(channel: str) -> tuple[Quota, ...]:
    """What is counted from the ledger for a channel."""
    return tuple(
        line.limit
        for line in TABLE
        if line.channel == channel and line.kept is Kept.COUNTED and isinstance(line.limit, Quota)
    )


def rush(channel: str) -> Rush | None:
    """When a channel's platform asks to be left alone."""
    return next((advice.rush for advice in ADVICE if advice.channel == channel), None)
