"""Tokens that a platform lends against an account's secret: kept until shortly before they end, asked for once on
behalf of everyone who waits, renewed once where the platform no longer takes them.

Words go out with a token that was made ready. Where that is not taken they are not said again on the spot: a stop may
have come since.

As long as there is no token nothing was said, so whatever goes wrong before that is provably not sent.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.channels.adapters.answers import whole
from app.channels.port import NOTHING, Checked, Given, Outcome, Verdict
from app.core.http import DEADLINE_S, Reply

FETCH_S = 5.0
EARLY_S = 300.0  # a token is not used in its last five minutes: clocks differ, and posts wait in queues
LIVES_S = 7200.0  # what the platforms publish, for an answer that does not say
LIVES_MOST_S = 86_400

Call = Callable[[str], Awaitable[Reply | Outcome]]

_ENDED = Outcome(
    Verdict.NOT_SENT, "token_ended", "The platform no longer takes its token; nothing was done.", wait_s=0.0
)


@dataclass(frozen=True)
class Token:
    """A token and for how many seconds it lives."""

    text: str = field(repr=False)
    lives_s: float


def lent(text: object, lives: object) -> Token | None:
    """The token an answer holds, or None for one that could stand in no header and no URL."""
    if not isinstance(text, str) or not re.fullmatch(r"[!-~]{1,8192}", text):
        return None
    seconds = whole(lives)
    return Token(text, float(min(seconds, LIVES_MOST_S)) if seconds is not None and seconds > 0 else LIVES_S)


@dataclass(frozen=True)
class Ask:
    """How one account comes by its token. `account` names the credential without showing it, `fetch` asks the
    platform (it never raises), `refused` tells an answer that does not take the token from every other answer."""

    account: str
    at: datetime
    fetch: Callable[[], Awaitable[Token | Outcome]]
    refused: Callable[[Reply], bool]


@dataclass(frozen=True)
class _Kept:
    text: str = field(repr=False)
    until: datetime


def account_of(*parts: str) -> str:
    """One name for one credential at one place, from which neither can be read."""
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()


class Tokens:
    """The tokens of one channel, in the memory of this process only. `fetch_s` is how long one may be waited for,
    `deadline_s` how long saying something may take where one had to be fetched."""

    def __init__(self, *, fetch_s: float = FETCH_S, deadline_s: float = DEADLINE_S) -> None:
        self._fetch_s = fetch_s
        self._deadline_s = deadline_s
        self._kept: dict[str, _Kept] = {}
        self._asking: dict[str, asyncio.Task[str | Outcome]] = {}

    async def ready(self, ask: Ask) -> Given | Outcome:
        """A token in hand, before anything is said with it."""
        kept = self._fresh(ask)
        found = kept or await self._fetched(ask)
        return found if isinstance(found, Outcome) else Given(token=found, new=kept is None)

    async def speak(self, ask: Ask, call: Call, given: Given = NOTHING) -> Reply | Outcome:
        """Say something with the token that was made ready, once. What nobody sees needs none: it is said at most
        twice, the second time only after an answer that did not take the first token, and within one line's
        deadline."""
        return await (self._once(ask, call, given) if given.token else self._at_most_twice(ask, call))

    async def _once(self, ask: Ask, call: Call, given: Given) -> Reply | Outcome:
        """A kept token may have ended, and the words go back to wait for another one; what refuses one that it has
        just lent refuses the account."""
        reply = await call(given.token)
        if isinstance(reply, Outcome) or not ask.refused(reply):
            return reply
        self._forget(ask.account, given.token)
        return reply if given.new else _ENDED

    async def _at_most_twice(self, ask: Ask, call: Call) -> Reply | Outcome:
        clock = asyncio.get_running_loop().time
        ends, all_ends = None, clock() + self._deadline_s  # the first try with a token in hand has the line's own end
        for last in (False, True):
            token = self._fresh(ask)
            if token is None or last:
                ends = all_ends
            if token is None:
                found = await self._fetched(ask)
                if isinstance(found, Outcome):
                    return found
                token = found
            if ends is not None and clock() >= ends:
                return Outcome(Verdict.NOT_SENT, "out_of_time", "The token came too late; nothing was posted.")
            reply = await _in_time(call(token), ends)
            if last or isinstance(reply, Outcome) or not ask.refused(reply):
                break
            self._forget(ask.account, token)
        return reply

    async def lend(self, ask: Ask) -> str | Outcome:
        """What is kept for this account, else what the platform lends now."""
        return self._fresh(ask) or await self._fetched(ask)

    def _fresh(self, ask: Ask) -> str | None:
        kept = self._kept.get(ask.account)
        return kept.text if kept is not None and ask.at < kept.until else None

    def _forget(self, account: str, token: str) -> None:
        """Unless someone has renewed it meanwhile."""
        kept = self._kept.get(account)
        if kept is not None and kept.text == token:
            del self._kept[account]

    async def _fetched(self, ask: Ask) -> str | Outcome:
        """One question for all who want the same token now, whatever its answer. Who stops waiting stops no other."""
        task = self._asking.get(ask.account)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(ask))
            self._asking[ask.account] = task
            task.add_done_callback(lambda _: self._asking.pop(ask.account, None))
        return await asyncio.shield(task)

    async def _fetch(self, ask: Ask) -> str | Outcome:
        try:
            async with asyncio.timeout(self._fetch_s):
                found = await ask.fetch()
        except TimeoutError:
            detail = f"The platform lent nothing within {self._fetch_s:g} s; nothing was posted."
            return Outcome(Verdict.NOT_SENT, "no_token", detail)
        if isinstance(found, Outcome):
            return found
        usable = found.lives_s - min(EARLY_S, found.lives_s / 2)
        self._kept = {name: kept for name, kept in self._kept.items() if ask.at < kept.until}
        self._kept[ask.account] = _Kept(found.text, ask.at + timedelta(seconds=usable))
        return found.text


def without_token(outcome: Outcome) -> Outcome:
    """What an answer that lends no token means for the message: it was never on its way."""
    if outcome.verdict in {Verdict.NOT_SENT, Verdict.THROTTLED, Verdict.CREDENTIAL_REFUSED}:
        return outcome
    detail = "The platform was asked for a token and gave no usable answer; nothing was posted."
    return replace(outcome, verdict=Verdict.NOT_SENT, detail=detail)


def checked(outcome: Outcome) -> Checked:
    """What an answer that lends no token says of the credential."""
    works = False if outcome.verdict is Verdict.CREDENTIAL_REFUSED else None
    return Checked(works, outcome.code, outcome.detail)


async def _in_time(said: Awaitable[Reply | Outcome], ends: float | None) -> Reply | Outcome:
    try:
        async with asyncio.timeout_at(ends):
            return await said
    except TimeoutError:
        detail = "The message may have been posted; nobody can know yet: no complete answer came in time."
        return Outcome(Verdict.AMBIGUOUS, "line_lost", detail)
