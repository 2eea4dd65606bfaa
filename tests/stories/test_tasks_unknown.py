"""An owner may have been asked and nobody knows: he is never asked twice for it. The platform's own list tells, or a
human; and two workers, or a dead one, change nothing of that."""

import asyncio
import dataclasses
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.clock import wall_clock
from app.core.db import Database
from app.domain.shards.rules import LEASE
from app.flows.ask import ask_due
from app.flows.asked import hear_of_tasks
from app.flows.look import look
from app.flows.plan import plan
from app.flows.withdraw import withdraw_stopped
from tests.failpoints.fallen import ended, environment, falling
from tests.stories.customers import GROUPS, asked, customers, press, states
from tests.world import World, world_on

ALL = dict.fromkeys


@pytest.fixture
async def today(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """WeCom's list goes by its own clock, so these stories are told now."""
    async with world_on(database_url, tmp_path, wall_clock()) as opened:
        yield opened


async def _fault(world: World, kind: str) -> None:
    await world.sim.post("/_sim/faults", json={"platform": "wecom_customers", "kind": kind})


async def _the_uncertain(world: World, campaign: str) -> str:
    sent = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    [one] = [one["id"] for one in sent if one["state"] == "uncertain"]
    return str(one)


async def test_a_task_whose_answer_was_lost_is_found_in_the_list_and_not_made_twice(today: World) -> None:
    await customers(today)
    await _fault(today, "drop_after_accept")
    campaign = await today.launch()
    await today.forward(seconds=3, step=1)
    assert await states(today, campaign) == ALL(GROUPS, "uncertain")
    await today.forward(minutes=2)
    assert await states(today, campaign) == ALL(GROUPS, "assigned")
    [task] = await asked(today)
    assert await press(today, task) == 200
    await today.forward(minutes=2)
    assert await states(today, campaign) == ALL(GROUPS, "relayed")
    sent = (await today.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert [one["state"] for one in sent] == ["sent"]


@pytest.mark.parametrize(("word", "tasks", "state"), [("not_sent", 1, "assigned"), ("sent", 0, "assigned")])
async def test_a_task_in_no_list_waits_for_a_human(today: World, word: str, tasks: int, state: str) -> None:
    await customers(today)
    await _fault(today, "reset")
    campaign = await today.launch()
    await today.forward(minutes=5, step=60)
    assert await states(today, campaign) == ALL(GROUPS, "uncertain")
    assert set(await today.missed(campaign)) == set(GROUPS)
    assert await asked(today) == []
    settled = {"outcome": word, "note": "I looked"}
    await today.call("POST", f"/deliveries/{await _the_uncertain(today, campaign)}/resolve", json=settled)
    await today.forward(seconds=3, step=1)
    assert await states(today, campaign) == ALL(GROUPS, state)
    assert len(await asked(today)) == tasks


@pytest.mark.parametrize(("fall", "made"), [(("claim_committed", 1), 0), (("after_answer", 2), 1)], ids=["0", "1"])
async def test_a_worker_killed_between_intent_and_outcome_never_asks_twice(
    database_url: str, tmp_path: Path, today: World, fall: tuple[str, int], made: int
) -> None:
    """The first answer is the token, the second the task's."""
    await customers(today)
    campaign = await today.draft()
    await today.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await plan(today.kit, campaign)
    hosts = ",".join(today.kit.settings.allowed_hosts)
    async with falling(environment(database_url, tmp_path, allowed_hosts=hosts), *fall) as process:
        assert await ended(process) == -signal.SIGKILL
    today.clock.advance(wall_clock() - today.clock.now() + LEASE + timedelta(seconds=1))
    await today.forward(minutes=2, step=10)
    assert len(await asked(today)) == made
    assert await states(today, campaign) == ALL(GROUPS, "assigned" if made else "uncertain")


async def test_of_many_workers_one_asks_one_looks_and_one_withdraws(today: World, database_url: str) -> None:
    await customers(today)
    campaign = await today.draft()
    await today.call("POST", f"/campaigns/{campaign}/launch", status=202)
    rivals = [dataclasses.replace(today.kit, db=Database(database_url, clock=today.kit.clock)) for _ in range(4)]
    try:
        await asyncio.gather(*(plan(kit, campaign) for kit in rivals), *(ask_due(kit) for kit in rivals))
        await asyncio.gather(*(ask_due(kit) for kit in rivals))
        await today.work()
        [task] = await asked(today)
        await asyncio.gather(*(hear_of_tasks(kit) for kit in rivals))
        assert await states(today, campaign) == ALL(GROUPS, "assigned")
        today.clock.advance(timedelta(seconds=31))
        await press(today, task)
        looked = await asyncio.gather(
            *(look(kit) for kit in rivals), today.call("POST", f"/campaigns/{campaign}/cancel")
        )
        assert sum(looked[:-1]) == 1
        await asyncio.gather(*(withdraw_stopped(kit) for kit in rivals))
        await today.forward(seconds=4, step=1)
        assert await states(today, campaign) == ALL(GROUPS, "relayed")
    finally:
        for kit in rivals:
            await kit.db.close()
