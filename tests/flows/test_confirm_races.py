"""A word and a timer meet: either it is done, or it goes to the next in line; never neither, and never a reminder after
it is done. `CONFIRM_RACES=10000` races as often as the goal asks for."""

import asyncio
import os
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from app.core.clock import ManualClock
from app.core.db import Database
from app.core.journal import JournalLine
from app.domain.campaigns.tables import Campaign
from app.domain.escalation.rules import Action, Step, stamp
from app.domain.links import service as links
from app.domain.links.rules import Holder, Key
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.flows.confirm import confirm
from app.flows.escalate import escalate
from app.flows.kit import Kit
from tests.builders.relays import kit_on
from tests.flows.forest import plant
from tests.flows.forest_rows import WINDOW

RACES = int(os.environ.get("CONFIRM_RACES", "60"))
pytestmark = [pytest.mark.alone, pytest.mark.timeout(120 + RACES // 2)]
POLICY = (Step(50, Action.REMIND), Step(100, Action.DEPUTY))


async def test_a_word_and_a_timer_never_both_win(db: Database, clock: ManualClock, tmp_path: Path) -> None:
    async with kit_on(db, tmp_path) as kit:
        await plant(db, 7, RACES, at_once=True)
        async with db.write() as tx:
            await tx.run(update(Campaign).values(escalation=stamp(POLICY)))
            asked = {"state": State.ASSIGNED, "assigned_at": tx.now, "next_step_at": tx.now + WINDOW / 2}
            await tx.run(update(Relay).values(**asked))
            relays = await tx.all(select(Relay))
            holders = [
                Holder(one.center_id, one.campaign_id, str(one.leader_id), tx.now + timedelta(days=1)) for one in relays
            ]
            tokens = await links.mint_many(tx, holders)
        clock.advance(WINDOW)
        timers = [asyncio.create_task(_every_step(kit)) for _ in range(2)]
        answers = await asyncio.gather(
            *(confirm(kit, Key(t.text), r.id, action="done") for r, t in zip(relays, tokens, strict=True))
        )
        await asyncio.gather(*timers)
    assert [answer.state for answer in answers if answer] == [State.RELAYED] * len(relays), "a word always counts"
    async with db.read() as tx:
        lines = await tx.all(select(JournalLine).order_by(col(JournalLine.seq)))
    stories: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        stories[line.subject_id].append(line.became)
    for relay in relays:
        story = stories[relay.id]
        assert story.count("relayed") == 1
        assert story[-1] == "relayed", "nothing happens to it after it is done"


async def _every_step(kit: Kit) -> None:
    for _ in range(20):
        await escalate(kit)
