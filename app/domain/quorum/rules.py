"""When a quorum is judged, and whether it was reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_ALARMS = 10
LATEST_PERCENT = 1_000


@dataclass(frozen=True)
class Ask:
    """So many percent of the groups, of a branch with all below it or of all, are to have it at this moment, or when
    `at_percent` of the time from the campaign's start to its last deadline has passed."""

    percent: int
    at: datetime | None = None
    at_percent: int | None = None
    branch_id: str | None = None


def stamp(asks: Sequence[Ask]) -> list[dict[str, object]]:
    """As it is kept with the campaign."""
    return [{**one.__dict__, "at": one.at.isoformat() if one.at else None} for one in asks]


def read(kept: Sequence[Mapping[str, object]]) -> list[Ask]:
    return [_ask(one) for one in kept]


def _ask(one: Mapping[str, object]) -> Ask:
    at, part, branch = one["at"], one["at_percent"], one["branch_id"]
    return Ask(
        percent=int(str(one["percent"])),
        at=datetime.fromisoformat(str(at)) if at else None,
        at_percent=int(str(part)) if part is not None else None,
        branch_id=str(branch) if branch else None,
    )


def due_at(ask: Ask, *, starts_at: datetime, ends_at: datetime) -> datetime:
    """The moment at which this alarm is judged."""
    if ask.at is not None:
        return ask.at
    return starts_at + (ends_at - starts_at) * ((ask.at_percent or 0) / 100)


def enough(*, done: int, total: int, percent: int) -> bool:
    """Whether so many of so many are that many percent; of nothing, everything is done."""
    return done * 100 >= total * percent
