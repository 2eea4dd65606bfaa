"""When a platform is asked again what became of a task, and whether its owner would hear one more reminder."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

REMINDERS = 3
REMINDERS_WITHIN = timedelta(hours=24)
OUTLIVES = timedelta(hours=24)
"""So long after its campaign's end a task is still asked after: as long as relay links live."""
FIRST, SOONEST, LATEST = timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=10)
AHEAD = timedelta(seconds=15)
LATER = timedelta(minutes=1)
"""After an answer that told nothing."""


def look_again(asked_at: datetime, now: datetime, *, before: Collection[datetime] = ()) -> datetime:
    """The next look after the first: after half a minute, then after a tenth of its age, every ten minutes at last; and
    shortly before each of these moments."""
    usual = now + min(max((now - asked_at) / 10, SOONEST), LATEST)
    return min([usual, *(at - AHEAD for at in before if at - AHEAD > now)])


def may_remind(reminded: Sequence[datetime], now: datetime) -> bool:
    """Whether one more reminder of a task would be heard: three in any 24 hours are."""
    return sum(now - at < REMINDERS_WITHIN for at in reminded) < REMINDERS


def said_at(told: datetime | None, *, asked_at: datetime, now: datetime) -> datetime:
    """When it was sent: as the platform tells it, unless that cannot be."""
    return told if told is not None and asked_at <= told <= now else now
