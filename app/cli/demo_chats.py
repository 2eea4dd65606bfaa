"""The chats of the demo that a bot can reach: some on every platform there is, by each of its ways in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """A credential the demo needs. Webhooks need none: their addresses hold it."""

    name: str
    platform: str
    secret: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Chats:
    """Some groups on one platform, reached in one way: what they are called, how an address is made of the practice
    platform's own and of a number, who answers for them, and whether he relays where the bot cannot."""

    platform: str
    name: str
    address: str
    leader: str
    account: str = ""
    count: int = 1
    falls_back: bool = False
    secret: str = ""


ACCOUNTS: Sequence[Account] = (
    Account("demo-telegram", "telegram", {"bot_token": "123456789:practice-token-for-the-demo"}),
    Account("demo-wecom-app", "wecom", {"corp_id": "ww_demo", "corp_secret": "practice", "agent_id": "1000002"}),
    Account("demo-wecom-customers", "wecom", {"corp_id": "ww_demo", "corp_secret": "practice-customers"}),
    Account("demo-lark-app", "feishu", {"app_id": "cli_demo", "app_secret": "practice"}),
    Account("demo-slack-app", "slack", {"bot_token": "xoxb-practice-demo"}),
    Account("demo-discord-bot", "discord", {"bot_token": "practice.demo.discord"}),
    Account("demo-matrix", "matrix", {"access_token": "syt_ZGVtbw_practice_1"}),
    Account("demo-mattermost-bot", "mattermost", {"access_token": "practice"}),
    Account("demo-zulip-bot", "zulip", {"email": "demo-bot@example.org", "api_key": "practice"}),
)
"""The practice platform takes any token of the right shape."""

SIGNED = "SECpractice-secret-of-the-demo"
"""With this, DingTalk's practice robots want every message signed."""

CHATS: Sequence[Chats] = (
    Chats("telegram", "社区通知 {} 群", "-100100{}", "王芳", "demo-telegram", 4, falls_back=True),
    Chats("wecom", "门店企微 {} 群", "{base}/cgi-bin/webhook/send?key=demo-robot-000{}", "李强", count=4),
    Chats("wecom", "企微客户 {} 群", "wrDemo000{}", "李强", "demo-wecom-customers", 2),
    Chats("dingtalk", "物业钉钉 {} 群", "{base}/robot/send?access_token=demo-ding-{}", "李强", count=2, secret=SIGNED),
    Chats("feishu", "志愿者飞书群", "{base}/open-apis/bot/v2/hook/demo-lark-hook-{}", "王芳"),
    Chats("feishu", "楼长飞书 {} 群", "oc_demo_{}", "王芳", "demo-lark-app", 2),
    Chats("slack", "Partners on Slack", "{base}/services/TDEMO/BDEMO/hook{}", "Maria Silva"),
    Chats("slack", "Staff on Slack", "CDEMO{}", "Maria Silva", "demo-slack-app"),
    Chats("discord", "Youth on Discord", "{base}/api/webhooks/10000000000000000{}/practice", "Maria Silva"),
    Chats("discord", "Gamers on Discord", "20000000000000000{}", "Maria Silva", "demo-discord-bot"),
    Chats("matrix", "Neighbours {} on Matrix", "!demo-{}:practice", "Maria Silva", "demo-matrix", 2),
    Chats("mattermost", "Shop floor on Mattermost", "{base}/hooks/demohook{}", "Maria Silva"),
    Chats("mattermost", "Drivers on Mattermost", "demochannel0000000000000{:02}", "Maria Silva", "demo-mattermost-bot"),
    Chats("zulip", "Helpers on Zulip", "4{}:announcements", "Maria Silva", "demo-zulip-bot"),
    Chats("googlechat", "School on Google Chat", "{base}/v1/spaces/DEMO{}/messages?key=k&token=t", "Maria Silva"),
    Chats("teams", "Office on Teams", "{base}/workflows/demo000{}/triggers/manual/paths/invoke?sig=s", "Maria Silva"),
    Chats("webhook", "Partner desk {}", "{base}/webhook/demo-hook-{}", "Maria Silva", count=2),
)

KICKED, LOST_ROBOT, LOST_HOOK = "-1001003", "demo-robot-0004", "demo-hook-2"
"""A chat the bot was removed from; a robot and a webhook whose answers get lost."""


def rows(base: str) -> Iterator[dict[str, str]]:
    """One line of the directory sheet for each chat, without who answers for it."""
    for chats in CHATS:
        for number in range(1, chats.count + 1):
            yield {
                "群名称": chats.name.format(number),
                "平台": chats.platform,
                "群地址": chats.address.replace("{base}", base).format(number),
                "发送账号": chats.account,
                "负责人": chats.leader,
                "渠道顺序": "bot;leader" if chats.falls_back else "bot",
                "密钥": chats.secret,
            }
