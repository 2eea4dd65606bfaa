"""Races for deliveries, on connections and in processes of their own: one winner each, and a stop that has returned
has stopped."""

import asyncio
import dataclasses
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.core.clock import DatabaseClock
from app.core.db import Database
from app.core.jobs import NoQueue
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries import store
from app.domain.shards import store as shards
from app.domain.shards.rules import SHARDS, shard_of
from app.flows import control
from app.flows.kit import Kit
from app.flows.send import take
from tests.builders.deliveries import delivery, stage
from tests.rivals import contend
from tests.world import center_on

CLAIMS = int(os.environ.get("RACE_CLAIMS", "3000"))
STOPS = int(os.environ.get("RACE_STOPS", "250"))
RIVALS = 8
A_ROUND = 10
"""Claims that race with one stop."""
HEAD = Caller("cen_1", "key_1", "head", Role.OWNER)
WORKER = "wrk_1"


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=NoQueue()) as (kit, _, _):
        yield kit


async def _apart(kit: Kit, database_url: str) -> Kit:
    """The same Kit on connections of its own."""
    return dataclasses.replace(kit, db=Database(database_url, clock=kit.clock))


async def _staged(kit: Kit, count: int) -> list[str]:
    """A campaign with so many due deliveries, and all shards in one hand."""
    async with kit.db.write() as tx:
        await stage(tx)
        rows = [delivery(number, tx.now) for number in range(count)]
        await store.create(tx, rows)
        await shards.lay_out(tx)
        await shards.take(tx, WORKER, most=SHARDS)
    return [row["id"] for row in rows]


async def _standing(kit: Kit) -> Counter[tuple[str, int]]:
    """How many deliveries there are in each state and with each fence."""
    async with kit.db.read() as tx:
        return Counter([(row.state, row.fence) for row in await tx.run(text("SELECT state, fence FROM delivery"))])


async def _taken(kit: Kit, campaign: str) -> int:
    """How often anything of this campaign was taken."""
    async with kit.db.read() as tx:
        counted = text("SELECT coalesce(sum(fence), 0) FROM delivery WHERE campaign_id = :campaign")
        return int((await tx.run(counted, {"campaign": campaign})).scalar_one())


@pytest.mark.timeout(120 + CLAIMS // 50)
async def test_of_processes_racing_for_thousands_of_deliveries_each_has_one_winner(kit: Kit, database_url: str) -> None:
    """Meanwhile somebody reads on and on in one transaction: SQLite's log cannot be emptied behind him."""
    wanted = await _staged(kit, CLAIMS)
    async with kit.db.read() as reader:
        await store.uncertain_count(reader)
        won = await asyncio.to_thread(contend, database_url, wanted, rivals=RIVALS)
    assert min(map(len, won)) > 0, "there was no race"
    assert Counter(one for winner in won for one in winner) == dict.fromkeys(wanted, 1)
    assert await _standing(kit) == {("sending", 1): CLAIMS}


async def _claim(kit: Kit, wanted: list[str]) -> None:
    async with kit.db.write() as tx:
        what: dict[str, Any] = {"shard_ids": [shard_of("acc_1")], "delivery_ids": wanted}
        await take(kit, tx, WORKER, **what, zones={HEAD.center_id: None})


async def _start(kit: Kit, _campaign: str) -> None:
    await control.start(kit, HEAD)


async def _stop(kit: Kit, _campaign: str) -> None:
    await control.stop(kit, HEAD)


async def _pause(kit: Kit, campaign: str) -> None:
    await control.pause(kit, HEAD, campaign)


async def _resume(kit: Kit, campaign: str) -> None:
    await control.resume(kit, HEAD, campaign)


async def _cancel(kit: Kit, campaign: str) -> None:
    await control.cancel(kit, HEAD, campaign)


STOP = {"cancel": (_cancel, _cancel), "pause": (_pause, _resume), "kill switch": (_stop, _start)}


@pytest.mark.timeout(120 + STOPS // 10)
@pytest.mark.parametrize("how", STOP)
async def test_nothing_is_claimed_after_a_stop_has_returned(kit: Kit, database_url: str, how: str) -> None:
    """Each round has a campaign of its own; `other` claims its deliveries, each for itself, while `kit` stops it."""
    other = await _apart(kit, database_url)
    stop, go_on = STOP[how]
    campaigns = await _campaigns(kit, STOPS // A_ROUND)
    won = 0
    for number, (campaign, some) in enumerate(campaigns.items()):
        claims = [asyncio.create_task(_claim(other, [one])) for one in some]
        await asyncio.sleep(0.0008 * (number % 24))
        await stop(kit, campaign)
        seen = await _taken(kit, campaign)
        await asyncio.gather(*claims)
        await _claim(kit, some)
        assert await _taken(kit, campaign) == seen, f"claimed behind a {how} that had returned"
        won += seen
        await go_on(kit, campaign)
    assert 0.05 < won / STOPS < 0.95, "one side always won: there was no race"
    await other.db.close()


async def _campaigns(kit: Kit, count: int) -> dict[str, list[str]]:
    """So many running campaigns with a round's due deliveries each."""
    await _staged(kit, 0)
    names = [f"cmp_round_{number}" for number in range(count)]
    async with kit.db.write() as tx:
        model = await tx.first(select(Campaign))
        assert model is not None
        await tx.insert(Campaign, [{**model.model_dump(), "id": name} for name in names])
        rows = [delivery(number, tx.now, campaign_id=names[number // A_ROUND]) for number in range(count * A_ROUND)]
        await store.create(tx, rows)
    return {name: [row["id"] for row in rows if row["campaign_id"] == name] for name in names}
