"""One clock for every judgement: the database's, carried by this process's monotonic timer."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

SETTLED_S = 600.0
NEAR = timedelta(seconds=1)


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        ...


class DatabaseClock:
    """Follows the database's clock. Between two readings it advances by the monotonic timer, so that a jump of
    this machine's wall clock, or its distance from another worker's, moves nothing."""

    def __init__(self) -> None:
        self._base = datetime.now(UTC)
        self._mark = seconds()
        self._apart, self._apart_since = timedelta(), 0.0

    def now(self) -> datetime:
        return self._base + timedelta(seconds=seconds() - self._mark)

    def follow(self, database_now: datetime) -> None:
        """Take the database's word for what time it is."""
        self._base = database_now
        self._mark = seconds()

    def settle(self, wall: datetime, timer: float) -> None:
        """Where the machine's own clock, which shows `wall`, is the only one: follow it when it has kept its distance
        for SETTLED_S. A step that is taken back sooner moves nothing; a machine that began with a wrong clock comes
        right. `timer`: seconds."""
        apart = wall - self.now()
        if abs(apart - self._apart) >= NEAR:
            self._apart, self._apart_since = apart, timer
        elif abs(apart) >= NEAR and timer - self._apart_since >= SETTLED_S:
            log.warning("clock_set", seconds=round(apart.total_seconds()))
            self.follow(wall)
            self._apart = timedelta()


def seconds() -> float:
    """A timer that no setting of the clock moves, and that also counts while the machine sleeps, where it can."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ManualClock:
    """A clock that moves only when told to, for tests that travel in time."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, delta: timedelta) -> None:
        self._now += delta


def wall_clock() -> datetime:
    """The machine's own clock: for SQLite, where it is the database's clock, and for log lines."""
    return datetime.now(UTC)
