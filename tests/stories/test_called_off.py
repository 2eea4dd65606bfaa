"""A cancelled campaign is clear once nothing of it waits: whatever comes back meanwhile is called off with the rest."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.channels.port import Outcome, Verdict
from app.core.db import Database, Tx
from app.domain.access import store as access
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.deliveries.rules import Claimed
from app.flows.call_off import call_off
from app.flows.control import settle
from app.flows.outcomes import Heard
from app.flows.record import record
from app.flows.send import take
from tests.world import World

SERVER = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
"""SQLite has one writer: nothing happens between the statements of another."""

Meanwhile = Callable[[], Awaitable[Any]]


class Watched(Tx):
    """A transaction into which somebody else's falls, just before its statement of this number."""

    def fall(self, number: int, meanwhile: Meanwhile) -> None:
        self.left, self._meanwhile = number, meanwhile

    async def _said(self) -> None:
        self.left -= 1
        if self.left == 0:
            await self._meanwhile()

    async def run(self, *what: Any) -> Any:
        await self._said()
        return await super().run(*what)

    async def all(self, *what: Any) -> Any:
        await self._said()
        return await super().all(*what)

    async def table(self, *what: Any) -> Any:
        await self._said()
        return await super().table(*what)


class Crossed(Database):
    """One whose writers are watched. `fell`: whether there was a statement of that number."""

    def __init__(self, world: World, url: str, number: int, meanwhile: Meanwhile) -> None:
        super().__init__(url, clock=world.clock, queue=world.queue)
        self._fall = (number, meanwhile)
        self.fell = False

    @asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Tx]:
        async with super().write(brief=brief) as tx:
            tx.__class__ = Watched
            assert isinstance(tx, Watched)
            tx.fall(*self._fall)
            yield tx
            self.fell = tx.left <= 0


async def _group(world: World) -> None:
    await world.account("bot")
    await world.groups({"group": "T1", "platform": "telegram", "address": "-1001", "account": "bot"})


async def _under_way(world: World) -> tuple[str, Claimed]:
    """A campaign whose only post was taken and not answered yet."""
    await world.call("POST", "/stop")
    campaign = await world.launch()
    await world.call("POST", "/start")
    await world.drain._leases.keep()
    [mine] = [one["id"] for one in (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]]
    async with world.kit.db.write() as tx:
        zones = {center.id: None for center in await access.centers(tx)}
        shards = sorted(world.drain._leases.held)
        [one] = await take(world.kit, tx, "wrk_story", shard_ids=shards, delivery_ids=[mine], zones=zones)
    return campaign, one.claimed


async def _uncertain(world: World) -> tuple[str, str]:
    """A campaign of whose only post nobody knows whether it stands."""
    await world.sim.post("/_sim/faults", json={"platform": "telegram", "kind": "drop_after_accept"})
    campaign = await world.launch()
    await world.forward(seconds=61, step=61)
    [unsure] = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    return campaign, unsure["id"]


async def _state(world: World, campaign: str) -> str:
    while await call_off(world.kit):
        pass
    return str((await world.relays(campaign))["T1"]["state"])


@SERVER
async def test_what_comes_back_while_the_campaign_is_cleared_is_called_off(world: World, database_url: str) -> None:
    await _group(world)
    fell, number = True, 0
    while fell:
        number += 1
        campaign, claimed = await _under_way(world)
        await world.call("POST", f"/campaigns/{campaign}/cancel")

        async def comes_back(claimed: Claimed = claimed) -> None:
            now = world.clock.now()
            outcome = Outcome(Verdict.NOT_SENT, "busy", "wait", wait_s=5.0)
            await record(world.kit, [Heard(claimed, outcome, now, now, None)])

        crossed = Crossed(world, database_url, number, comes_back)
        await call_off(replace(world.kit, db=crossed))
        await crossed.close()
        if fell := crossed.fell:
            assert await _state(world, campaign) == "cancelled", f"it came back before statement {number}"
    assert number > 5


@SERVER
async def test_what_is_settled_while_the_campaign_is_cleared_is_called_off(world: World, database_url: str) -> None:
    await _group(world)
    fell, number = True, 0
    while fell:
        number += 1
        campaign, delivery = await _uncertain(world)
        await world.call("POST", f"/campaigns/{campaign}/cancel")
        async with world.kit.db.read() as tx:
            [center] = [one.id for one in await access.centers(tx)]

        crossed = Crossed(world, database_url, number, lambda: call_off(world.kit))
        head = Caller(center, "key_1", "head", Role.OWNER)
        await settle(replace(world.kit, db=crossed), head, delivery, sent=False, note="")
        await crossed.close()
        assert await _state(world, campaign) == "cancelled", f"it was settled around statement {number}"
        fell = crossed.fell
    assert number > 5
