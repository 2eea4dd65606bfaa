"""What every adapter does with the wire: say it once, read strictly, wait politely, quote without secrets."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

from app.channels.port import Checked, Credential, Outcome, Post, Posted, Size, Sought, Verdict
from app.core.http import Http, LineLost, NotSent, Reply, Request
from app.core.limits import Scope
from app.core.logs import redact

SHORTEST_WAIT_S = 1.0
LONGEST_WAIT_S = 3600.0

_QUOTE = 160


async def say(http: Http, request: Request, *, doubt: str = "The message may have been posted") -> Reply | Outcome:
    """The platform's answer, or the outcome when there is none. `doubt` is what nobody can know then."""
    try:
        return await http.send(request)
    except NotSent as error:
        return Outcome(Verdict.NOT_SENT, "not_sent", f"Nothing left this machine: {error}.")
    except LineLost as error:
        return Outcome(Verdict.AMBIGUOUS, "line_lost", f"{doubt}; nobody can know yet: {error}.")


async def ask(http: Http, request: Request) -> Reply | Checked:
    """The answer to a question that posts nothing, or that there is none."""
    try:
        return await http.send(request)
    except (NotSent, LineLost) as error:
        return Checked(None, "no_answer", f"The platform did not answer, so nobody can tell: {error}.")


def json_object(reply: Reply) -> Mapping[str, object] | None:
    """The answer's JSON object, or None for anything else: half of one, HTML, a list, nonsense."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def whole(value: object) -> int | None:
    """A JSON integer; `true` is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def unforeseen(reply: Reply, detail: str) -> Outcome:
    """An answer that no page of the platform describes: it may have posted the message."""
    return Outcome(Verdict.AMBIGUOUS, str(reply.status), detail)


def redirected(reply: Reply, verdict: Verdict) -> Outcome:
    """A 3xx is never followed: it could lead anywhere, our own network included."""
    return Outcome(
        verdict, str(reply.status), "The server answered with a redirect, which is never followed; give its address."
    )


def off_the_page(reply: Reply, *, redirect: Verdict) -> Outcome | None:
    """What a broken or redirecting server means on any platform, or None for an answer that has to be read."""
    if reply.status >= 500:
        return unforeseen(reply, "The platform broke down over this message and may have posted it.")
    return redirected(reply, redirect) if 300 <= reply.status < 400 else None


def of_recall(outcome: Outcome) -> Outcome:
    """The outcome of a recall: what is unknown here is whether the message still stands."""
    if outcome.verdict is not Verdict.AMBIGUOUS:
        return outcome
    return replace(outcome, detail="The platform gave no clear answer; nobody can know yet whether the message stands.")


def of_edit(outcome: Outcome) -> Outcome:
    """The outcome of an edit: what is unknown here is which words stand there."""
    if outcome.verdict is not Verdict.AMBIGUOUS:
        return outcome
    return replace(outcome, detail="The platform gave no clear answer; nobody can know yet which words stand there.")


def throttled(code: str, wait_s: float, *, scope: Scope = Scope.CHAT) -> Outcome:
    return Outcome(Verdict.THROTTLED, code, f"The platform asks to wait {wait_s:g} s.", wait_s=wait_s, scope=scope)


def too_long(size: Size) -> Outcome:
    """For a platform that would cut or split the text and say yes."""
    detail = f"The text is longer than the {size.most} {size.unit} that are taken whole; nothing was sent."
    return Outcome(Verdict.CONTENT_REFUSED, "too_long", detail)


def wait_of(value: object) -> float | None:
    """Seconds asked for, within sane bounds, or None for what is not a number. Negative is as good as at once."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)[:400]) == 400:
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(seconds) else min(max(seconds, SHORTEST_WAIT_S), LONGEST_WAIT_S)


def retry_after(reply: Reply, *, now: datetime) -> float | None:
    """The Retry-After header in seconds, within sane bounds. A date is measured from the server's own Date, so that
    a clock that is days wrong changes nothing; without one, from `now`."""
    header = reply.headers.get("retry-after", "").strip()
    seconds = wait_of(header)
    if seconds is not None:
        return seconds
    until = _date(header)
    since = _date(reply.headers.get("date", "")) or now
    return None if until is None else wait_of((until - since).total_seconds())


def _date(header: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else None


def quoted(text: object, asked: Post | Posted | Sought | Credential, *, lent: str = "") -> str:
    """The platform's own words for an operator's eyes: short, one line, without any secret of what was asked; `lent`
    is a token the platform gave for them."""
    words = " ".join(str(text).split()) if isinstance(text, str) else ""
    for secret in sorted({*_secrets(asked), *([lent] if lent else [])}, key=len, reverse=True):
        words = words.replace(secret, "[redacted]")
    words = "".join(character for character in redact(words) if character.isprintable())
    return words if len(words) <= _QUOTE else words[:_QUOTE] + "…"


def because(text: object, asked: Post | Posted | Credential) -> str:
    """The platform's own words as the end of a sentence, or nothing where it said nothing."""
    words = quoted(text, asked).rstrip(". ")
    return f": {words}" if words else ""


def _secrets(asked: Post | Posted | Sought | Credential) -> Iterable[str]:
    """Every string that must not be repeated: the secrets, and what a URL address holds behind its host."""
    found = {part for value in asked.secret.values() for part in (value, *value.split(":", 1))}
    address = "" if isinstance(asked, Credential) else asked.address
    if "://" in address:
        parts = urlsplit(address)
        found |= {address, parts.path, parts.query, *parts.path.split("/")}
        found |= {value for _, value in parse_qsl(parts.query)}
    return {secret for secret in found if len(secret) >= 6}
