"""Recognisable secrets, where they are planted, and a hunt that finds them in whatever form they get out."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

LENT = "practice000000000000"
"""What all tokens have in common that a practice platform lends."""


@dataclass
class Canaries:
    """One for each name, always the same: small letters and digits that fit wherever a secret may stand."""

    named: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        return self.named.setdefault(name, f"cnry{hashlib.sha256(name.encode()).hexdigest()[:20]}")

    def account(self, channel: str, *, turn: int = 1) -> dict[str, str]:
        """The secrets of an account, each of the right shape; another `turn` renews them."""
        one = self(f"account {channel} {turn}")
        return {
            "dingtalk": {"secret": f"SEC{one}"},
            "discord_bot": {"bot_token": f"{one}.Cl2FMQ.{one}"},
            "feishu": {"secret": one},
            "feishu_app": {"app_id": "cli_practice", "app_secret": one},
            "matrix": {"access_token": f"syt_Ym90_{one}_b"},
            "mattermost_app": {"access_token": one},
            "slack_app": {"bot_token": f"xoxb-{one}"},
            "telegram": {"bot_token": f"4242:{one}"},
            "webhook": {"signing_secret": f"whsec_{one}{one}"},
            "wecom_app": {"corp_id": "ww_practice", "corp_secret": one, "agent_id": "1000002"},
            "zulip": {"email": "bot@example.org", "api_key": one},
        }.get(channel, {})

    def groups(self, base: str) -> Iterator[dict[str, str]]:
        """A line of the directory sheet for each way in, and for each way to write a robot's credential."""
        for name, address in _ADDRESSES.items():
            platform = name.split("_")[0]
            place = address.replace("{base}", base).replace("{canary}", self(f"address {name}"))
            account = platform if name.endswith("_bare") else ""
            row = {"group": name, "platform": platform, "address": place, "account": account, "routes": "bot"}
            yield {**row, "secret": self._own(name)}

    def _own(self, name: str) -> str:
        """The secret of a group's own robot, where it may have one."""
        one = self(f"secret {name}")
        return {"dingtalk": f"SEC{one}", "feishu": one, "webhook": f"whsec_{one}{one}"}.get(name, "")


_ADDRESSES = {
    "dingtalk": "{base}/robot/send?access_token={canary}",
    "dingtalk_bare": "{canary}",
    "discord": "{base}/api/webhooks/112233445566778899/{canary}",
    "discord_bot": "197038439483310086",
    "feishu": "{base}/open-apis/bot/v2/hook/{canary}",
    "feishu_app": "oc_practice",
    "googlechat": "{base}/v1/spaces/AAAA/messages?key={canary}&token={canary}",
    "matrix": "!one:localhost",
    "mattermost": "{base}/hooks/{canary}",
    "mattermost_app": "c" * 26,
    "slack": "{base}/services/T024BE7LD/B024BE7LH/{canary}",
    "slack_app": "C024BE91L",
    "teams": "{base}/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sig={canary}",
    "telegram": "-1001",
    "webhook": "{base}/webhook/{canary}",
    "wecom": "{base}/cgi-bin/webhook/send?key={canary}",
    "wecom_bare": "{canary}",
    "zulip": "42:announcements",
}


def forms(secret: str) -> Iterator[bytes]:
    """Every form in which a secret may get out: as it is, as part of a URL, in hexadecimal, and in base64 wherever
    it begins inside a longer text."""
    yield secret.encode()
    yield quote(secret, safe="").encode()
    yield secret.encode().hex().encode()
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret.encode())
        sure = whole[-(-before * 8 // 6) : -4]  # without what also depends on the neighbours
        yield sure
        yield sure.translate(bytes.maketrans(b"+/", b"-_"))


class Hunt:
    """Looks for secrets in what got out. `found` names each place with what was seen there."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._needles = {form.lower(): name for name, secret in secrets.items() for form in forms(secret)}
        self.found: list[str] = []

    def look(self, place: str, out: bytes | str) -> None:
        heap = (out.encode(errors="replace") if isinstance(out, str) else out).lower()
        seen = {name for needle, name in self._needles.items() if needle in heap}
        self.found.extend(f"{place}: {name}" for name in sorted(seen))

    def rows(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Every column of every row, whatever its type."""
        for column in rows[0] if rows else ():
            self.look(f"{table}.{column}", "\n".join(str(row[column]) for row in rows))


def in_links(texts: Iterable[str]) -> dict[str, str]:
    """The secret parts of the relay links in these messages."""
    tokens = {text.split("/r/")[1].split()[0] for text in texts if "/r/" in text}
    return {f"link {number}": token.rsplit("_", 1)[1] for number, token in enumerate(sorted(tokens))}
