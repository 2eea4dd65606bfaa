"""How an event is known again, how much of it is kept, and how long it waits for what it is about."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

TEXT_MOST = 500
WORD_MOST = 200

KEPT = timedelta(days=30)
"""For so long an event is kept as it was told; of what people wrote, counts by the day stay afterwards."""
COUNTED = timedelta(days=366)

PATIENCE = timedelta(hours=1)
_SOONEST = timedelta(seconds=1)
_LATEST = timedelta(minutes=5)


def event_key(event_id: str, body: bytes, place: int) -> str:
    """The platform's own id of an event; where it gives none, or none that can be kept whole, a digest of the request
    and the event's place in it."""
    if event_id and event_id == kept(event_id):
        return event_id
    return f"sha256:{hashlib.sha256(body).hexdigest()}:{place}"


def kept(text: str, most: int = WORD_MOST) -> str:
    """The beginning of a text from outside, without what cannot be stored."""
    clean = "".join(letter for letter in text[:most] if letter.isprintable() or letter in "\n\t")
    return clean.encode(errors="ignore").decode()


class Said(Protocol):
    """What is counted of one message."""

    group_id: str | None
    leader_id: str | None
    person: str
    received_at: datetime


def by_day(said: Iterable[Said]) -> list[dict[str, object]]:
    """How often each person wrote in each group on each day, and when last. What belongs to no group is not counted."""
    found: dict[tuple[str, str, str], dict[str, object]] = {}
    for one in sorted(said, key=lambda each: each.received_at):
        if one.group_id is None:
            continue
        key = (one.group_id, day_of(one.received_at), one.person)
        row = dict(zip(("group_id", "day", "person"), key, strict=True))
        words = int(str(found.get(key, {}).get("words", 0))) + 1
        found[key] = {**row, "leader_id": one.leader_id, "words": words, "last_at": one.received_at}
    return list(found.values())


def day_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def look_again(received_at: datetime, now: datetime) -> datetime | None:
    """When to look for an event's delivery again: the longer it waited already, the later. None where the hour is
    over: then it is about nothing that we know."""
    waited = now - received_at
    return None if waited >= PATIENCE else now + min(max(waited, _SOONEST), _LATEST)
