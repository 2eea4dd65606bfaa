"""What a relay link may look like when it comes back from a chat, whom it speaks for, and until when."""

from dataclasses import dataclass
from datetime import datetime

from app.core import tokens

KIND = "rl"


@dataclass(frozen=True)
class Holder:
    """Whom a link speaks for: one leader in one campaign, until `expires_at`."""

    center_id: str
    campaign_id: str
    leader_id: str
    expires_at: datetime


def trimmed(text: str) -> str | None:
    """The token at the head of this text, without what a chat program added; None when there is none."""
    return tokens.trimmed(KIND, text)


def live(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether a link still opens: neither withdrawn nor past its time."""
    return revoked_at is None and now < expires_at
