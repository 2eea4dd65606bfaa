"""However many boards are open, one watcher asks the database for all of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from app.flows.kit import Kit
from app.flows.watch import POLL_S
from app.web.live import Lookout, Seen
from tests.builders.relays import Handed

pytestmark = pytest.mark.alone

BOARDS = 10


@asynccontextmanager
async def open_boards(kit: Kit, world: Handed, count: int) -> AsyncIterator[tuple[Lookout, list[list[Seen]]]]:
    """So many boards of one campaign, each with what it was told."""
    lookout = Lookout(kit, asyncio.Event())
    told: list[list[Seen]] = [[] for _ in range(count)]

    async def look(mine: list[Seen]) -> None:
        async with contextlib.aclosing(lookout.boards(world.center_id, world.campaign_id, after=0)) as news:
            async for seen in news:
                mine += [seen] if seen is not None else []

    tasks = [asyncio.create_task(look(mine)) for mine in told]
    while not all(told):  # noqa: ASYNC110 - each board's own first look
        await asyncio.sleep(0.01)
    yield lookout, told
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_ten_boards_ask_no_more_than_one(kit: Kit, world: Handed, statements: list[str]) -> None:
    asked = []
    for count in (1, BOARDS):
        async with open_boards(kit, world, count) as (lookout, _):
            statements.clear()
            await asyncio.sleep(POLL_S * 4)
            asked.append(len(statements))
            assert len(lookout.feeds) == 1
    assert asked[1] <= asked[0] + 4, asked


async def test_a_move_reaches_every_board_once(kit: Kit, client: httpx.AsyncClient, world: Handed) -> None:
    async with open_boards(kit, world, BOARDS) as (_, told):
        began = [len(mine) for mine in told]
        await client.post(world.press(0), data={"action": "done"})
        await asyncio.sleep(POLL_S * 3)
        for mine, before in zip(told, began, strict=True):
            [news] = mine[before:]
            assert news.progress.counts["relayed"] == 1
            assert list(news.rows) == [world.relays[0]]
            assert not news.missing_moved


async def test_nobody_watches_where_nobody_looks(kit: Kit, world: Handed, statements: list[str]) -> None:
    async with open_boards(kit, world, 2):
        pass
    await asyncio.sleep(POLL_S * 2)
    statements.clear()
    await asyncio.sleep(POLL_S * 2)
    assert statements == []


async def test_a_board_is_told_all_that_it_missed(kit: Kit, client: httpx.AsyncClient, world: Handed) -> None:
    for place in range(2):
        await client.post(world.press(place), data={"action": "done"})
    async with open_boards(kit, world, 1) as (_, [told]):
        assert set(told[0].rows) == set(world.relays[:2])
