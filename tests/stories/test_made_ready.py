"""A stop, a pause or a deadline that comes while a platform is still asked for what a post takes: nothing leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.http import Http, Reply, Request
from app.flows.drain import Drain
from tests.builders.images import PNG, upload
from tests.world import World

GROUPS = 4


class Held:
    """A way out on which whatever goes there hangs until it is let go."""

    def __init__(self, http: Http, there: str) -> None:
        self._http, self._there = http, there
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def send(self, request: Request) -> Reply:
        if self._there in request.url:
            self.begun.set()
            await self.go.wait()
        return await self._http.send(request)


async def _matrix(world: World, address: str = "!r{}:localhost") -> None:
    await world.account("bot", "matrix", base_url=world.platform, secret={"access_token": "syt_Ym90_first_aaaaaa"})
    rows = ({"group": f"M{n}", "platform": "matrix", "address": address.format(n)} for n in range(GROUPS))
    await world.groups(*({**row, "account": "bot"} for row in rows))


async def _picture(world: World) -> dict[str, Any]:
    await _matrix(world)
    return {"picture": (await world.call("POST", "/pictures", status=201, files=upload(PNG)))["id"]}


async def _alias(world: World) -> dict[str, Any]:
    await _matrix(world, "#r{}:localhost")
    return {}


async def _token(world: World) -> dict[str, Any]:
    secret = {"app_id": "cli_practice", "app_secret": "practice"}
    await world.account("app", "feishu", base_url=world.platform, secret=secret)
    await world.groups(
        *({"group": f"F{n}", "platform": "feishu", "address": f"oc_room{n}", "account": "app"} for n in range(GROUPS))
    )
    return {"priority": "incident"}


NEEDED = {"picture": (_picture, "/media/"), "alias": (_alias, "/directory/"), "token": (_token, "tenant_access_token")}
EACH = pytest.mark.parametrize("what", NEEDED)


@asynccontextmanager
async def _asked_for(world: World, what: str, *, seconds: float = 6) -> AsyncIterator[str]:
    """A campaign whose posts all wait for what their platform takes so long to give; inside, they still do."""
    prepare, there = NEEDED[what]
    held = Held(world.kit.http, there)
    body = await prepare(world)
    world.drain = Drain(replace(world.kit, http=held), "wrk_story")
    campaign = await world.draft(**body)
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    working = asyncio.create_task(world.work())
    async with asyncio.timeout(30):
        await held.begun.wait()
    await asyncio.sleep(0.2)
    yield campaign
    assert await world.received(standing=False) == []
    world.clock.advance(timedelta(seconds=seconds))
    held.go.set()
    await working


async def _told(world: World) -> int:
    """How many groups have something."""
    return len({one["target"] for one in await world.received()})


async def _goes_on(world: World, campaign: str) -> None:
    """What was held back has lost nothing but time."""
    waiting = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert {(one["state"], one["tries"]) for one in waiting} == {("due", 0)}
    await world.forward(seconds=3, step=1)
    assert await _told(world) == GROUPS


@EACH
async def test_a_stop_that_comes_meanwhile_is_kept(world: World, what: str) -> None:
    async with _asked_for(world, what) as campaign:
        await world.call("POST", "/stop")
    assert await world.received(standing=False) == []
    await world.call("POST", "/start")
    await _goes_on(world, campaign)


async def test_a_pause_that_comes_meanwhile_is_kept(world: World) -> None:
    async with _asked_for(world, "token") as campaign:
        await world.call("POST", f"/campaigns/{campaign}/pause")
    assert await world.received(standing=False) == []
    await world.call("POST", f"/campaigns/{campaign}/resume")
    await _goes_on(world, campaign)


async def test_words_whose_time_is_over_meanwhile_are_not_said(world: World) -> None:
    async with _asked_for(world, "token", seconds=3601) as campaign:
        pass
    await world.forward(minutes=1)
    assert await world.received(standing=False) == []
    assert {one["state"] for one in (await world.relays(campaign)).values()} == {"missed"}


@EACH
async def test_without_a_stop_they_leave_once_it_is_given(world: World, what: str) -> None:
    async with _asked_for(world, what):
        pass
    assert await _told(world) == GROUPS
