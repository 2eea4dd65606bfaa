"""One real adapter that talks to the practice platform, and what the two call the same chat and the same account."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from app.channels.port import Checked, Checks, Credential, Edits, Outcome, Picture, Post, Posted, Recalls, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import posted_by
from tests.simulator.conftest import Sim

SLACK = "T024BE7LD/B024BE7LH/abcDEF123"
DISCORD = "112233445566778899"
TEAMS = "0123456789abcdef"
ADDRESS = {
    "dingtalk": "robot-0001",
    "discord": f"{{base}}/api/webhooks/{DISCORD}/abc-DEF_123",
    "discord_bot": "197038439483310086",
    "feishu": "bot-0001",
    "feishu_app": "oc_practice",
    "googlechat": "{base}/v1/spaces/AAAA/messages?key=k&token=t",
    "matrix": "!one:localhost",
    "mattermost": "{base}/hooks/hook0001",
    "mattermost_app": "c" * 26,
    "slack": f"{{base}}/services/{SLACK}",
    "slack_app": "C024BE91L",
    "teams": f"{{base}}/workflows/{TEAMS}/triggers/manual/paths/invoke?api-version=1&sig=s",
    "telegram": "-1001",
    "webhook": "{base}/webhook/in",
    "wecom": "robot-0001",
    "wecom_app": "wangfang",
    "zulip": "42:announcements",
}
TARGET = {
    **ADDRESS,
    "discord": DISCORD,
    "googlechat": "AAAA",
    "mattermost": "hook0001",
    "slack": SLACK,
    "teams": TEAMS,
    "webhook": "in",
}
"""The same chat, as the practice platform calls it."""

DISCORD_TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
SECRET: dict[str, dict[str, str]] = {
    "discord_bot": {"bot_token": DISCORD_TOKEN},
    "feishu_app": {"app_id": "cli_practice", "app_secret": "practice"},
    "matrix": {"access_token": "syt_Ym90_a_b"},
    "mattermost_app": {"access_token": "mm-token"},
    "slack_app": {"bot_token": "xoxb-1-2-abc"},
    "telegram": {"bot_token": "1:a"},
    "wecom_app": {"corp_id": "ww_practice", "corp_secret": "practice-secret", "agent_id": "1000002"},
    "zulip": {"email": "bot@example.org", "api_key": "zulip-key"},
}
CREDENTIAL = {
    "discord_bot": DISCORD_TOKEN,
    "feishu_app": "cli_practice",
    "matrix": "syt_Ym90_a_b",
    "mattermost_app": "mm-token",
    "slack_app": "xoxb-1-2-abc",
    "telegram": "1:a",
    "wecom_app": "practice-secret",
    "zulip": "bot@example.org:zulip-key",
}
"""The same secret, as the practice platform calls it."""

BACKS_OFF = {"dingtalk": 600, "feishu": 2, "googlechat": 10, "teams": 10, "wecom": 60, "wecom_app": 60}
"""How long those wait whose answer names no time."""

HANDS_OVER = {"teams", "wecom_app"}
YES = {name: Verdict.HANDED_OVER if name in HANDS_OVER else Verdict.SENT for name in ADDRESS}


OWN_PROTOCOL = {"feishu_app", "wecom_app"}
"""Second ways whose protocol has nothing in common with the first one's."""


def platform_of(channel: str) -> str:
    """What the practice platform calls the protocol that a channel speaks."""
    return channel if channel in OWN_PROTOCOL else channels()[channel].platform


class Desk:
    """One adapter and its line, for as long as it is open. Words given in `secret` stand beside the usual ones."""

    def __init__(self, sim: Sim, channel: str, *, address: str | None = None, **secret: str) -> None:
        self.channel = channels()[channel]
        self.address = (address or ADDRESS[channel]).replace("{base}", sim.base)
        self.secret = {**SECRET.get(channel, {}), **secret}
        self.base = sim.base
        self.http = HttpClient(Guard(frozenset({"127.0.0.1"})))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def post(
        self,
        text: str = "集合",
        *,
        key: str = "dlv_1",
        mention_all: bool = False,
        marked: str | None = None,
        picture: Picture | None = None,
    ) -> Outcome:
        post = Post(key, text, datetime.now(UTC), self.address, self.secret, self.base, mention_all, marked, picture)
        return await posted_by(self.channel, post, self.http)

    async def recall(self, number: str | None) -> Outcome:
        assert isinstance(self.channel, Recalls)
        posted = Posted(number or "", datetime.now(UTC), self.address, self.secret, self.base)
        return await self.channel.recall(posted, self.http)

    async def edit(self, number: str | None, text: str, *, key: str = "dlv_edit", marked: str | None = None) -> Outcome:
        assert isinstance(self.channel, Edits)
        post = Post(key, text, datetime.now(UTC), self.address, self.secret, self.base, marked=marked)
        return await self.channel.edit(number or "", post, self.http)

    async def check(self) -> Checked:
        assert isinstance(self.channel, Checks)
        return await self.channel.check(Credential(datetime.now(UTC), self.secret, self.base), self.http)


async def said(sim: Sim, channel: str, text: str = "集合", *, key: str = "dlv_1", mention_all: bool = False) -> Outcome:
    """One post by an adapter that knows nothing of any other."""
    async with Desk(sim, channel) as desk:
        return await desk.post(text, key=key, mention_all=mention_all)
