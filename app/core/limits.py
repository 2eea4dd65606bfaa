"""Limits as data: so many sends in a window, a quota for a day or a month, and the minutes a platform asks to avoid."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

DAYS_BEGIN = timezone(timedelta(hours=8), "UTC+8")
"""Where the platforms that count by the calendar begin their days and months: all of them are China's."""


class Scope(StrEnum):
    """What shares a limit, from the narrowest to the widest."""

    CHAT = "chat"
    ACCOUNT = "account"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Limit:
    """`count` sends in any window of `per_s` seconds, counted per `scope`."""

    scope: Scope
    count: int
    per_s: float

    def __str__(self) -> str:
        return f"{self.count} per {self.per_s:g} s per {self.scope}"


class Period(StrEnum):
    """What a quota is given for."""

    DAY = "day"
    MONTH = "month"

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """When the period around this moment began, and when the next one begins."""
        midnight = now.astimezone(DAYS_BEGIN).replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Period.DAY:
            return midnight, midnight + timedelta(days=1)
        begin = midnight.replace(day=1)
        return begin, begin + timedelta(days=monthrange(begin.year, begin.month)[1])


@dataclass(frozen=True)
class Quota:
    """`count` sends in a calendar day or month, counted per `scope`; with `a_day`, as many for each of its days."""

    scope: Scope
    count: int
    period: Period
    a_day: bool = False

    def of(self, now: datetime) -> int:
        """How many sends the period around this moment has."""
        begin, end = self.period.bounds(now)
        return self.count * ((end - begin).days if self.a_day else 1)

    def __str__(self) -> str:
        days = " for each of its days" if self.a_day else ""
        return f"{self.count}{days} a {self.period} per {self.scope}"


@dataclass(frozen=True)
class Rush:
    """The moments around :00 and :30 that a platform asks to avoid: from so many seconds before to so many after.
    Every time zone in which our platforms count begins its half hours with those of UTC."""

    before_s: float
    after_s: float

    def over_at(self, at: float) -> float:
        """When the rush around this moment is over; the moment itself where there is none."""
        return max(at, (at + self.before_s) // HALF_HOUR_S * HALF_HOUR_S + self.after_s)

    def __str__(self) -> str:
        return "the rush around :00 and :30, which the platform asks to avoid"


HALF_HOUR_S = 1800.0
