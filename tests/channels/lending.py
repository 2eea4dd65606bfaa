"""Platforms that lend tokens: a channel that has one in hand, a platform that lends first and answers then, and both
channels that have to ask."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.channels.adapters.feishu_app import FeishuApp
from app.channels.adapters.tokens import Ask, Call, Tokens
from app.channels.adapters.wecom_app import WeComApp
from app.channels.port import NOTHING, Channel, Given, Outcome, Post
from app.core.addresses import Guard
from app.core.http import HttpClient, Reply
from tests.channels.harness import CANARY, posted_by
from tests.channels.platform import Act, Heard, Platform, platform
from tests.conftest import T0

TOKEN = f"t-{CANARY}"


class InHand(Tokens):
    """A token that was fetched long ago and is good for ever."""

    async def ready(self, ask: Ask) -> Given | Outcome:
        return Given(token=TOKEN)

    async def speak(self, ask: Ask, call: Call, given: Given = NOTHING) -> Reply | Outcome:
        return await call(TOKEN)


@dataclass
class Lender:
    """A platform that meets those who want a token with `lends`, and everyone else with `answers`."""

    there: Platform
    lends: Act
    answers: Act

    async def act(self, writer: asyncio.StreamWriter) -> None:
        await (self.lends if _wants_token(self.there.heard[-1]) else self.answers)(writer)

    @property
    def asked(self) -> Sequence[Heard]:
        return [heard for heard in self.there.heard if _wants_token(heard)]

    @property
    def said(self) -> Sequence[Heard]:
        return [heard for heard in self.there.heard if not _wants_token(heard)]


def _wants_token(heard: Heard) -> bool:
    return "/tenant_access_token/" in heard.path or "/gettoken?" in heard.path


@asynccontextmanager
async def lender(lends: Act, answers: Act) -> AsyncIterator[Lender]:
    async with platform(lends) as there:
        found = Lender(there, lends, answers)
        there.act = found.act
        yield found


@dataclass(frozen=True)
class App:
    """One channel that needs tokens, and its platform's words."""

    make: Callable[[Tokens], Channel]
    address: str
    secret: dict[str, str]
    lends: bytes
    takes: bytes
    stale: bytes
    wrong: bytes
    field: str

    def __str__(self) -> str:
        return self.make(Tokens()).name


APPS = (
    App(
        FeishuApp,
        "oc_practice",
        {"app_id": "cli_practice", "app_secret": CANARY},
        b'{"code":0,"msg":"ok","tenant_access_token":"t-one","expire":7200}',
        b'{"code":0,"data":{"message_id":"om_1"}}',
        b'{"code":99991663,"msg":"Invalid access token for authorization"}',
        b'{"code":10014,"msg":"app secret invalid"}',
        "authorization",
    ),
    App(
        WeComApp,
        "wangfang",
        {"corp_id": "ww_practice", "corp_secret": CANARY, "agent_id": "1000002"},
        b'{"errcode":0,"errmsg":"ok","access_token":"t-one","expires_in":7200}',
        b'{"errcode":0,"errmsg":"ok","msgid":"m1"}',
        b'{"errcode":42001,"errmsg":"access_token expired"}',
        b'{"errcode":40001,"errmsg":"invalid credential"}',
        "path",
    ),
)


class Desk:
    """A channel, its client, and a lending platform."""

    def __init__(self, app: App, there: Lender, tokens: Tokens | None = None, *, deadline_s: float = 5.0) -> None:
        self.app, self.there = app, there
        self.channel = app.make(tokens or Tokens())
        self.http = HttpClient(Guard(there.there.hosts), deadline_s=deadline_s)

    async def post(self, *, later_s: float = 0, **secret: str) -> Outcome:
        return await posted_by(self.channel, self._words(T0 + timedelta(seconds=later_s), secret), self.http)

    async def ask(self) -> Outcome:
        """What nobody made ready for, as a look at a task is, or an upload."""
        return await self.channel.post(self._words(T0, {}), self.http)

    def _words(self, at: datetime, secret: Mapping[str, str]) -> Post:
        return Post("dlv_1", "hi", at, self.app.address, {**self.app.secret, **secret}, self.there.there.base)
