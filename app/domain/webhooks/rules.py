"""Which line of the journal is which event, and when a telling that failed is tried again."""

import base64
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.domain.webhooks.states import Event

WAITS = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
"""Between a try that failed and the next one; after the last the event is given up. Some three days in all."""
SILENT_FOR = timedelta(days=3)
"""A webhook that has taken nothing for so long, though it was tried, is switched off."""
MOST = 20
"""Webhooks of one center."""

_CAMPAIGN = {
    "scheduled": Event.CAMPAIGN_SCHEDULED,
    "running": Event.CAMPAIGN_STARTED,
    "paused": Event.CAMPAIGN_PAUSED,
    "cancelled": Event.CAMPAIGN_CANCELLED,
    "pending_approval": Event.CAMPAIGN_PENDING,
}
_RELAY = {
    "relayed": Event.RELAY_RELAYED,
    "missed": Event.RELAY_MISSED,
    "failed": Event.RELAY_FAILED,
    "uncertain": Event.RELAY_UNCERTAIN,
}


def event_of(subject: str, was: str | None, became: str) -> Event | None:
    """What a line of the journal is to others. One that moved nothing, such as a reminder, is nothing to them."""
    if was == became:
        return None
    return {"campaign": _CAMPAIGN, "relay": _RELAY}.get(subject, {}).get(became)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When an event that failed for the `tries`th time is tried again; None: never."""
    return now + WAITS[tries - 1] if tries <= len(WAITS) else None


def new_secret() -> str:
    """As Standard Webhooks writes one: 32 bytes of chance."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def masked(url: str) -> str:
    """The address as it may be shown: what stands behind the host may be a credential."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"
