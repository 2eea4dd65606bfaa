"""Platforms that lend tokens: a channel that has one in hand, and a platform that lends first and answers then."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.channels.adapters.tokens import Ask, Call, Tokens
from app.channels.port import Outcome
from app.core.http import Reply
from tests.channels.harness import CANARY
from tests.channels.platform import Act, Heard, Platform, platform

TOKEN = f"t-{CANARY}"


class InHand(Tokens):
    """A token that was fetched long ago and is good for ever."""

    async def speak(self, ask: Ask, call: Call) -> Reply | Outcome:
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
