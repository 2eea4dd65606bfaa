"""How an event is known again, how much of it is kept, and how long it waits for what it is about."""

import hashlib
from datetime import datetime, timedelta

TEXT_MOST = 500
WORD_MOST = 200

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


def look_again(received_at: datetime, now: datetime) -> datetime | None:
    """When to look for an event's delivery again: the longer it waited already, the later. None where the hour is
    over: then it is about nothing that we know."""
    waited = now - received_at
    return None if waited >= PATIENCE else now + min(max(waited, _SOONEST), _LATEST)
