"""Whom Telegram's "wait" is for. It names no scope: a chat is meant, but the whole bot where two chats hear it within a
second (platforms.md, section 4), and hear of about the same time: a bot has one penalty, two chats have each its own.
Who goes on inside a bot's penalty makes it longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.channels.adapters.answers import throttled
from app.channels.adapters.tokens import account_of
from app.channels.port import Outcome, Post, Posted, Verdict
from app.core.limits import Scope

TOGETHER = timedelta(seconds=1)


@dataclass(frozen=True)
class _Told:
    """The last time a bot was told to wait: in which chat, when, and for how long."""

    chat: str
    at: datetime
    wait_s: float

    def of_one_penalty(self, other: "_Told") -> bool:
        shorter, longer = sorted((self.wait_s, other.wait_s))
        return self.chat != other.chat and abs(self.at - other.at) <= TOGETHER and longer <= 2 * shorter


class Waits:
    """What each bot was told last, in the memory of this process, which alone paces it."""

    def __init__(self) -> None:
        self._last: dict[str, _Told] = {}

    def heed(self, outcome: Outcome, said: Post | Posted) -> Outcome:
        """The same outcome, with the scope it has."""
        if outcome.verdict is not Verdict.THROTTLED or outcome.wait_s is None:
            return outcome
        bot = account_of(said.base_url or "", said.secret.get("bot_token", ""))
        told, before = _Told(said.address, said.at, outcome.wait_s), self._last.get(bot)
        self._last[bot] = told
        if before is None or not told.of_one_penalty(before):
            return outcome
        return throttled(outcome.code, max(told.wait_s, before.wait_s), scope=Scope.ACCOUNT)
