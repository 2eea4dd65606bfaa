"""How a campaign went over time: how many groups were to begin, were due and had it, in even steps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, cast, extract, func, literal_column, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.campaigns.tables import Campaign
from app.domain.escalation.rules import Action, due_at, read
from app.domain.relays.states import State
from app.domain.relays.tables import Relay

STEPS = 96
NEVER_ASKED = (State.SKIPPED, State.CANCELLED)


@dataclass(frozen=True)
class Point:
    """By `at` so many groups were to begin, so many were due, and so many had it; `done` is None where it is still to
    come."""

    at: datetime
    begun: int
    due: int
    done: int | None


@dataclass(frozen=True)
class Mark:
    """When the policy acts for the first groups."""

    at: datetime
    action: Action


@dataclass(frozen=True)
class Timeline:
    """`total` groups are asked; what was skipped or called off is not. `points` begin with nothing, and are empty
    where nothing is planned yet."""

    total: int
    now: datetime
    deadline_at: datetime | None
    points: Sequence[Point]
    marks: Sequence[Mark]


async def timeline(tx: Tx, campaign: Campaign) -> Timeline:
    """Counted in one pass over the relays; the database does the counting."""
    begins, ends = campaign.starts_at, campaign.ends_at
    if begins is None or ends is None:
        return Timeline(0, tx.now, None, (), ())
    start = int(begins.timestamp())
    width = max(1, -(-(int(ends.timestamp()) - start) // STEPS))

    def step(name: str) -> Any:
        seconds = cast(extract("epoch", col(getattr(Relay, name))), BigInteger)
        return (seconds - literal_column(str(start), BigInteger)) // literal_column(str(width), BigInteger)

    steps = [step(name).label(name) for name in ("starts_at", "deadline_at", "relayed_at")]
    rows = await tx.table(
        select(*steps, func.count())
        .where(col(Relay.campaign_id) == campaign.id, col(Relay.state).not_in(NEVER_ASKED))
        .group_by(*steps)
    )
    falls = (Counter[int](), Counter[int](), Counter[int]())
    for *places, number in rows:
        for counted, place in zip(falls, places, strict=True):
            if place is not None:
                counted[max(0, place)] += number
    drawn = _points(begins, timedelta(seconds=width), falls, tx.now) if rows else ()
    return Timeline(falls[0].total(), tx.now, ends, drawn, _marks(campaign, begins))


def _points(begins: datetime, width: timedelta, falls: Sequence[Counter[int]], now: datetime) -> list[Point]:
    """Everything that fell into a step stands at its end; the first point is the begin itself."""
    found, sums = [Point(begins, 0, 0, 0)], [0, 0, 0]
    for place in range(max(max(counted, default=0) for counted in falls) + 1):
        sums = [have + counted[place] for have, counted in zip(sums, falls, strict=True)]
        begun, due, done = sums
        found.append(Point(begins + width * (place + 1), begun, due, done if begins + width * place <= now else None))
    return found


def _marks(campaign: Campaign, begins: datetime) -> list[Mark]:
    steps = read(campaign.escalation)
    deadline = begins + timedelta(minutes=campaign.relay_minutes)
    times = [due_at(steps, taken, starts_at=begins, deadline_at=deadline) for taken in range(len(steps))]
    return [Mark(at, step.action) for at, step in zip(times, steps, strict=True) if at is not None]
