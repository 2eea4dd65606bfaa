"""However many pages of "today" are open, one watcher asks the database for all, and only when something moved."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from app.flows.kit import Kit
from app.flows.watch import POLL_S
from app.web.overview import Glance, Overlook
from tests.builders.relays import Handed

pytestmark = pytest.mark.alone


@asynccontextmanager
async def open_pages(kit: Kit, world: Handed, count: int) -> AsyncIterator[list[list[Glance]]]:
    """So many open pages, each with what it was told."""
    overlook = Overlook(kit, asyncio.Event())
    told: list[list[Glance]] = [[] for _ in range(count)]

    async def look(mine: list[Glance]) -> None:
        async with contextlib.aclosing(overlook.glances(world.center_id)) as news:
            async for seen in news:
                mine += [seen] if seen is not None else []

    tasks = [asyncio.create_task(look(mine)) for mine in told]
    while not all(told):  # noqa: ASYNC110 - each page's own first look
        await asyncio.sleep(0.01)
    yield told
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_hundred_pages_at_rest_ask_one_small_question(kit: Kit, world: Handed, statements: list[str]) -> None:
    async with open_pages(kit, world, 100) as told:
        statements.clear()
        await asyncio.sleep(POLL_S * 4)
        asked = list(statements)
        assert [len(mine) for mine in told] == [1] * 100
    assert 3 <= len(asked) <= 12, asked
    assert {"journal" in one or one.startswith(("BEGIN", "PRAGMA", "SELECT CURRENT")) for one in asked} == {True}, asked


async def test_a_move_reaches_every_page_once(kit: Kit, client: httpx.AsyncClient, world: Handed) -> None:
    async with open_pages(kit, world, 10) as told:
        await client.post(world.press(0), data={"action": "done"})
        await asyncio.sleep(POLL_S * 3)
        assert [len(mine) for mine in told] == [2] * 10
        assert len({id(mine[1]) for mine in told}) == 1, "what is written of it is shared"
        [campaign] = told[0][1].today.under_way
        assert campaign.counts["relayed"] == 1


async def test_nobody_watches_where_nobody_looks(kit: Kit, world: Handed, statements: list[str]) -> None:
    async with open_pages(kit, world, 2):
        pass
    await asyncio.sleep(POLL_S * 2)
    statements.clear()
    await asyncio.sleep(POLL_S * 2)
    assert statements == []
