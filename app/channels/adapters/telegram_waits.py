"""Whom Telegram's "wait" is for. It names no scope: a chat is meant, but the whole bot where two chats hear it within a
second (platforms.md, section 4). Who goes on inside a bot's penalty makes it longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.channels.adapters.answers import throttled
from app.channels.adapters.tokens import account_of
from app.channels.port import Outcome, Post, Posted, Verdict
from app.core.limits import Scope

TOGETHER = timedelta(seconds=1)


@dataclass(frozen=True)
class _Told:
    """The last time a bot was told to wait: in which chat, when, and until when at the longest."""

    chat: str
    at: datetime
    until: datetime


class Waits:
    """What each bot was told last, in the memory of this process, which alone paces it."""

    def __init__(self) -> None:
        self._last: dict[str, _Told] = {}

    def heed(self, outcome: Outcome, said: Post | Posted) -> Outcome:
        """The same outcome, with the scope it has."""
        if outcome.verdict is not Verdict.THROTTLED or outcome.wait_s is None:
            return outcome
        bot = account_of(said.base_url or "", said.secret.get("bot_token", ""))
        until, before = said.at + timedelta(seconds=outcome.wait_s), self._last.get(bot)
        if before is None or before.chat == said.address or abs(said.at - before.at) > TOGETHER:
            self._last[bot] = _Told(said.address, said.at, until)
            return outcome
        until = max(until, before.until)
        self._last[bot] = _Told(said.address, said.at, until)
        return throttled(outcome.code, (until - said.at).total_seconds(), scope=Scope.ACCOUNT)
