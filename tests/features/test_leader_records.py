"""The list of all leaders says what each one's own record says, whatever became of the hand-offs."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.core.db import Database
from app.domain.campaigns.tables import Campaign
from app.domain.relays.states import Part, State
from app.domain.relays.tables import Confirmation, Holding
from app.reports.hand_offs import Span
from app.reports.leader_record import Ranked, ranked, record
from tests.builders import relays as builder

STATES = (State.RELAYED, State.MISSED, State.ASSIGNED, State.FAILED, State.CANCELLED, State.UNCERTAIN)
FIGURES = ("hand_offs", "on_time", "late", "missed", "declined", "nudges", "reliability")
HOUR = timedelta(hours=1)


async def hand_offs(db: Database, some: random.Random) -> tuple[str, dict[str, str]]:
    """A center with a drill and two campaigns in which anything may have happened; answers it and its leaders."""
    center_id = await builder.center(db)
    leaders = {await builder.leader(db, center_id, name): name for name in ("李梅", "王芳", "Lena", "阿杰", "Ola")}
    for drill in (True, False, False):
        campaign_id = await builder.campaign(db, center_id)
        async with db.write() as tx:
            told = {"drill": drill, "launched_at": tx.now - 60 * HOUR, "ends_at": tx.now + HOUR}
            await tx.run(update(Campaign).where(col(Campaign.id) == campaign_id).values(told))
        for place in range(12):
            await _hand_off(db, some, list(leaders), place, center_id=center_id, campaign_id=campaign_id)
    return center_id, leaders


async def _hand_off(
    db: Database, some: random.Random, leaders: Sequence[str], place: int, *, center_id: str, campaign_id: str
) -> None:
    state, people = some.choice(STATES), some.sample(leaders, 2)
    made = await builder.relay(
        db,
        center_id,
        campaign_id=campaign_id,
        leader_id=people[-1],
        group=f"群{place}",
        state=state,
        late=some.random() < 0.4,
        nudges=some.randrange(4),
        deadline_at=db.clock.now() + HOUR,
        assigned_at=db.clock.now() - some.randrange(60) * HOUR,
        relayed_at=db.clock.now() + HOUR / 2 if state is State.RELAYED else None,
    )
    async with db.write() as tx:
        if some.random() < 0.5:
            await tx.add(*_passed_on(some, people, tx.now, relay_id=made, campaign_id=campaign_id))
        for number in range(some.randrange(3)):
            word = {
                "relay_id": made,
                "leader_id": some.choice(people),
                "action": some.choice(["done", "cannot", "ack"]),
            }
            moved = some.random() < 0.8
            await tx.add(Confirmation(id=f"cnf_{made}{number}", link_id="", moved=moved, at=tx.now, **word))


def _passed_on(some: random.Random, people: Sequence[str], now: datetime, **relay: Any) -> list[Holding]:
    went = now + HOUR * some.choice([0.5, 2])
    gone = some.random() < 0.3
    first = Holding(leader_id=people[0], part=Part.PRIMARY, since=now, until=went, withdrawn=gone, **relay)
    return [first, Holding(leader_id=people[1], part=Part.DEPUTY, since=went, **relay)]


async def _page_by_page(db: Database, center_id: str, span: Span, *, worst: bool) -> list[Ranked]:
    lines: list[Ranked] = []
    cursor: str | None = None
    async with db.read() as tx:
        while True:
            page = await ranked(tx, center_id, span, limit=2, cursor=cursor, worst=worst)
            lines += page.items
            cursor = page.next_cursor
            if cursor is None:
                return lines


@pytest.mark.parametrize("seed", range(6))
async def test_the_list_says_what_each_record_says(db: Database, seed: int) -> None:
    center_id, leaders = await hand_offs(db, random.Random(seed))
    await hand_offs(db, random.Random(seed + 100))  # another center's, which nobody here sees
    for span in (Span(), Span(db.clock.now() - 24 * HOUR), Span(None, db.clock.now() - 24 * HOUR)):
        lines = await _page_by_page(db, center_id, span, worst=seed % 2 == 0)
        async with db.read() as tx:
            own = {one: await record(tx, center_id, one, span) for one in leaders}
        expected = {
            one: (leaders[one], *(getattr(each.tally, name) for name in FIGURES))
            for one, each in own.items()
            if each and each.tally.hand_offs
        }
        found = {line.leader_id: (line.leader, *(getattr(line, name) for name in FIGURES)) for line in lines}
        assert found == expected
        shares = [line.reliability for line in lines if line.reliability is not None]
        assert shares == sorted(shares, reverse=seed % 2 == 1)
        assert [line.reliability is None for line in lines] == sorted(line.reliability is None for line in lines)
