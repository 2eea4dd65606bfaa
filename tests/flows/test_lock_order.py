"""Words, timers, absences and pauses meet in one database: all take rows in one order, so that none ever waits for
another that waits for it."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.core.clock import ManualClock
from app.core.db import Database
from app.core.jobs import RecordingQueue
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.tables import Delivery
from app.domain.links import service as links
from app.domain.links.rules import Holder, Key
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.flows.cascade import cascade
from app.flows.chores import expire, miss
from app.flows.confirm import confirm
from app.flows.control import pause, resume
from app.flows.escalate import escalate
from app.flows.hand_off import hand_off_due
from app.flows.kit import Kit
from app.flows.relieve import relieve_absent
from tests.builders.relays import kit_on
from tests.flows.forest import plant

pytestmark = pytest.mark.alone

ROUNDS = 12
CHORES = (cascade, hand_off_due, escalate, relieve_absent, miss, expire)
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_nobody_ever_waits_for_somebody_who_waits_for_him(
    db: Database, database_url: str, clock: ManualClock, tmp_path: Path
) -> None:
    second = Database(database_url, clock=clock, queue=RecordingQueue())
    chance = random.Random(5)
    async with kit_on(db, tmp_path) as one, kit_on(second, tmp_path) as other:
        await plant(db, 5, 30, in_a_grove=15, errands=3)
        for _ in range(ROUNDS):
            clock.advance(timedelta(minutes=12))
            chores = [chore(kit) for chore in CHORES for kit in (one, other)]
            await asyncio.gather(*chores, _stop_and_go(one, chance), _words(one, chance), _words(other, chance))
    await second.close()
    async with db.read() as tx:
        merged = await tx.all(select(Delivery).where(col(Delivery.also).is_not(None)))
        await tx.run(text("SELECT pg_stat_force_next_flush()"))
    async with db.read() as tx:
        met = (await tx.table(text(DEADLOCKS)))[0][0]
    assert merged, "some reminders spoke of several campaigns"
    assert met == 0


async def _words(kit: Kit, chance: random.Random) -> None:
    """Some of those who have something open say something about it, all at once."""
    async with kit.db.write() as tx:
        open_states = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
        found = await tx.all(select(Relay).where(col(Relay.state).in_(open_states), col(Relay.leader_id).is_not(None)))
        some = [relay for relay in found if chance.random() < 0.1]
        until = tx.now + timedelta(hours=1)
        tokens = await links.mint_many(
            tx, [Holder(each.center_id, each.campaign_id, str(each.leader_id), until) for each in some]
        )
    said = [chance.choice(("done", "cannot", "acknowledge")) for _ in some]
    await asyncio.gather(
        *(
            confirm(kit, Key(token.text), relay.id, action=word, reason="travelling")  # type: ignore[arg-type]
            for relay, token, word in zip(some, tokens, said, strict=True)
        )
    )


async def _stop_and_go(kit: Kit, chance: random.Random) -> None:
    async with kit.db.read() as tx:
        campaigns = await tx.all(select(Campaign))
    for campaign in chance.sample(campaigns, 2):
        caller = Caller(campaign.center_id, "key", "test", Role.OPERATOR)
        await pause(kit, caller, campaign.id)
        await resume(kit, caller, campaign.id)
