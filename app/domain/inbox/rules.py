"""How an event is known again, how much of it is kept, and how long it waits for what it is about."""

import hashlib
from datetime import datetime, timedelta

TEXT_MOST = 500
WORD_MOST = 200

PATIENCE = timedelta(hours=1)
_SOONEST = timedelta(seconds=1)
_LATEST = timedelta(minutes=5)


def event_key(event_id: str, body: bytes, place: int) -> str:
    """The platform's own id of an event; where it gives none, or one longer than any we know, a digest of the request
    and the event's place in it."""
    if event_id and len(event_id) <= WORD_MOST:
        return event_id
    digest = hashlib.sha256(body).hexdigest()
    return f"sha256:{digest}:{event_id and hashlib.sha256(event_id.encode()).hexdigest()[:16]}:{place}"


def kept(text: str, most: int = WORD_MOST) -> str:
    """The beginning of a text from outside, without what cannot be stored."""
    clean = "".join(letter for letter in text[:most] if letter.isprintable() or letter in "\n\t")
    return clean.encode(errors="ignore").decode()


def look_again(received_at: datetime, now: datetime) -> datetime | None:
    """When to look for an event's delivery again: the longer it waited already, the later. None where the hour is
    over: then it is about nothing that we know."""
    waited = now - received_at
    return None if waited >= PATIENCE else now + min(max(waited, _SOONEST), _LATEST)
