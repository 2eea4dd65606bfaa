"""How long somebody stays signed in, and how the forms of one session are told from everybody else's."""

import hashlib
import hmac
from datetime import datetime, timedelta

SESSION = "ms"
LINK = "si"

LINK_LIVES = timedelta(minutes=15)
LONGEST = timedelta(days=7)
"""After this a key is asked for again."""
IDLE = timedelta(hours=24)
"""A session nobody uses for this long is over."""
SEEN_NOTED_EVERY = timedelta(minutes=5)
KEPT = timedelta(days=30)
"""How long rows of what is over are kept."""


def live(*, expires_at: datetime, seen_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session still stands: not ended, not too old, not forgotten."""
    return ended_at is None and now < expires_at and now - seen_at < IDLE


def form_token(session_token: str) -> str:
    """What every form of a session carries. Whoever sends it has read a page of this very session; it cannot be
    turned back into the session's token."""
    return hashlib.sha256(f"form:{session_token}".encode()).hexdigest()[:40]


def is_form_token(given: str, session_token: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), form_token(session_token).encode())
