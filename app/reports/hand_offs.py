"""What became of each hand-off, for everyone who had it: judged once, by the ledger and by what the person said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, null, or_, select, type_coerce, union_all
from sqlmodel import col

from app.core.db import Moment
from app.domain.campaigns.tables import Campaign
from app.domain.relays.states import Evidence, State, Via
from app.domain.relays.tables import Confirmation, Holding, Relay
from app.domain.tasks.tables import Task


class End(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    DECLINED = "declined"
    OTHERS = "others"  # it ended without this person: somebody else did it, it was called off, nobody can know
    OPEN = "open"


JUDGED = (End.ON_TIME, End.LATE, End.MISSED, End.DECLINED)
_WAITING = (State.PLANNED, State.ASSIGNED, State.ACKNOWLEDGED)


@dataclass(frozen=True)
class Span:
    """Hand-offs made in [since, until); None leaves that side open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class HandOff:
    """One relay one person was asked for. `minutes` from being asked to the confirmation, where it was his."""

    campaign_id: str
    group_id: str
    end: End
    nudges: int
    assigned_at: datetime
    minutes: float | None


@dataclass(frozen=True)
class Tally:
    """`reliability` is the share that was on time of all that were judged; `median_minutes` runs from being asked to
    the confirmation. Both are None where there is nothing to take them from."""

    hand_offs: int
    on_time: int
    late: int
    missed: int
    declined: int
    others: int
    open: int
    nudges: int
    groups: int
    median_minutes: float | None
    reliability: float | None


def judged(center_id: str, span: Span, *, leader_id: str | None = None, campaigns: Any = None) -> Select[Any]:
    """A row for each hand-off of the span and each person who has or had it: leader_id, campaign_id, group_id, end,
    nudges, assigned_at (when he was asked), relayed_at (only where it was his doing). Drills count for nothing. Of one
    leader, or of the campaigns whose ids `campaigns` selects."""
    who = _who(leader_id, campaigns)
    did, declined = or_(_said(who, "done"), _sent(who)), _said(who, "cannot")
    asked = func.coalesce(who.c.since, col(Relay.assigned_at))
    return (
        select(
            who.c.leader_id,
            *(col(getattr(Relay, name)) for name in ("campaign_id", "group_id", "nudges")),
            type_coerce(asked, Moment(timezone=True)).label("assigned_at"),
            _end(who, did=did, declined=declined).label("end"),
            case((did, col(Relay.relayed_at))).label("relayed_at"),
        )
        .join(Relay, col(Relay.id) == who.c.relay_id)
        .join(Campaign, col(Campaign.id) == col(Relay.campaign_id))
        .where(col(Relay.center_id) == center_id, col(Campaign.drill).is_(False), *_within(span))
    )


def _who(leader_id: str | None, campaigns: Any) -> Any:
    """Everybody who has or had a relay: (relay_id, leader_id, since, until, withdrawn). One that was never passed on is
    with its leader and has no dates of its own."""
    never = null().label("since"), null().label("until"), literal(value=False).label("withdrawn")
    passed = select(literal(1)).where(col(Holding.relay_id) == col(Relay.id)).correlate(Relay).exists()
    held: Select[*tuple[Any, ...]] = select(col(Relay.id).label("relay_id"), col(Relay.leader_id).label("leader_id"))
    held = held.add_columns(*never).where(col(Relay.leader_id).is_not(None), ~passed)
    had: Select[*tuple[Any, ...]] = select(
        *(col(getattr(Holding, name)) for name in ("relay_id", "leader_id", "since", "until", "withdrawn"))
    )
    if leader_id is not None:
        held, had = held.where(col(Relay.leader_id) == leader_id), had.where(col(Holding.leader_id) == leader_id)
    if campaigns is not None:
        held = held.where(col(Relay.campaign_id).in_(campaigns))
        had = had.where(col(Holding.campaign_id).in_(campaigns))
    return union_all(had, held).subquery("who")


def _within(span: Span) -> list[Any]:
    conditions: list[Any] = [col(Relay.assigned_at).is_not(None)]
    if span.since is not None:
        conditions.append(col(Relay.assigned_at) >= span.since)
    if span.until is not None:
        conditions.append(col(Relay.assigned_at) < span.until)
    return conditions


def _said(who: Any, action: str) -> Any:
    """Whether a word of this person's to that effect moved the relay."""
    word = select(literal(1)).where(
        col(Confirmation.relay_id) == who.c.relay_id,
        col(Confirmation.leader_id) == who.c.leader_id,
        col(Confirmation.action) == action,
        col(Confirmation.moved),
    )
    return word.correlate(who).exists()


def _sent(who: Any) -> Any:
    """Whether his platform, which asked him, says that this person sent it."""
    owner = select(literal(1)).where(col(Task.id) == col(Relay.task_id), col(Task.leader_id) == who.c.leader_id)
    verified = (col(Relay.evidence) == Evidence.PLATFORM_VERIFIED, col(Relay.via) != Via.BOT)
    return and_(*verified, owner.correlate(who, Relay).exists())


def _end(who: Any, *, did: Any, declined: Any) -> Any:
    """A word of his decides first. Somebody who stepped in after the deadline was not late; somebody from whom it went
    after the deadline missed it."""
    stands, his = col(Relay.state), and_(who.c.until.is_(None), col(Relay.leader_id) == who.c.leader_id)
    late = and_(col(Relay.late), or_(who.c.since.is_(None), who.c.since < col(Relay.deadline_at)))
    too_late = and_(who.c.until >= col(Relay.deadline_at), who.c.withdrawn.is_(False))
    return case(
        (and_(stands == State.RELAYED, did, late), End.LATE.value),
        (and_(stands == State.RELAYED, did), End.ON_TIME.value),
        (declined, End.DECLINED.value),
        (or_(and_(stands == State.MISSED, his), too_late), End.MISSED.value),
        (and_(stands.in_(_WAITING), his), End.OPEN.value),
        else_=End.OTHERS.value,
    )


def hand_off(row: Any) -> HandOff:
    took = (row.relayed_at - row.assigned_at).total_seconds() / 60 if row.relayed_at else None
    return HandOff(row.campaign_id, row.group_id, End(row.end), row.nudges, row.assigned_at, took)


def tally(hand_offs: Sequence[HandOff]) -> Tally:
    ends = {end: sum(1 for each in hand_offs if each.end is end) for end in End}
    minutes = [each.minutes for each in hand_offs if each.minutes is not None]
    return Tally(
        hand_offs=len(hand_offs),
        nudges=sum(each.nudges for each in hand_offs),
        groups=len({each.group_id for each in hand_offs}),
        median_minutes=round(median(minutes), 1) if minutes else None,
        reliability=reliability(ends[End.ON_TIME], sum(ends[end] for end in JUDGED)),
        **{end.value: count for end, count in ends.items()},
    )


def reliability(on_time: int, of: int) -> float | None:
    return round(on_time / of, 4) if of else None


def streak(hand_offs: Sequence[HandOff]) -> int:
    """Campaigns in a row, the newest first, in which nothing was late, missed or declined; those still open, and those
    that others ended, are passed over. The hand-offs come in the order they were made."""
    ends: dict[str, set[End]] = {}
    for each in reversed(hand_offs):
        ends.setdefault(each.campaign_id, set()).add(each.end)
    count = 0
    for found in ends.values():
        if found & {End.LATE, End.MISSED, End.DECLINED}:
            break
        count += End.ON_TIME in found and End.OPEN not in found
    return count
