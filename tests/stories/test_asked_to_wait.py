"""A platform asked an account to wait. Whatever is done with it meanwhile, nobody speaks before that is over."""

from collections.abc import Awaitable, Callable

import pytest

from app.flows.drain import Drain
from tests.world import World

TEXT = "Please stay indoors until 18:00."
WAIT_S = 300
ROOMS = 16
FIRST, SECOND = ({"access_token": f"syt_Ym90_{which}"} for which in ("first_aaaaaa", "second_bbbbbb"))


async def _told_to_wait(world: World, *faults: str) -> tuple[str, str, int]:
    """An account that was told so when it had spoken in some of its rooms; its campaign; how often it was heard."""
    account = await world.account("bot", "matrix", base_url=world.platform, secret=FIRST)
    rooms = ({"group": f"M{n}", "platform": "matrix", "address": f"!r{n}:localhost"} for n in range(ROOMS))
    await world.groups(*({**room, "account": "bot"} for room in rooms))
    await world.sim.post("/_sim/faults", json={"platform": "matrix", "kind": "throttle", "retry_after": WAIT_S})
    for kind in faults:
        await world.sim.post("/_sim/faults", json={"platform": "matrix", "kind": kind})
    campaign = await world.launch()
    calls = len(await world.received(standing=False))
    assert 0 < calls < ROOMS
    return account, campaign, calls


async def _nothing(_world: World, _account: str, _campaign: str) -> None:
    """Time alone passes."""


async def _off_and_on(world: World, account: str, _campaign: str) -> None:
    await world.call("PATCH", f"/accounts/{account}", json={"status": "off"})
    await world.forward(seconds=10, step=5)
    await world.call("PATCH", f"/accounts/{account}", json={"status": "active"})


async def _given_a_secret(world: World, account: str, _campaign: str) -> None:
    await world.call("PATCH", f"/accounts/{account}", json={"secret": SECOND})


async def _paused(world: World, _account: str, campaign: str) -> None:
    await world.call("POST", f"/campaigns/{campaign}/pause")
    await world.call("POST", f"/campaigns/{campaign}/resume")


async def _stopped(world: World, _account: str, _campaign: str) -> None:
    await world.call("POST", "/stop")
    await world.call("POST", "/start")


async def _taken_over(world: World, account: str, campaign: str) -> None:
    await _off_and_on(world, account, campaign)
    world.drain = Drain(world.kit, "wrk_other")


@pytest.mark.parametrize("done", [_nothing, _off_and_on, _given_a_secret, _paused, _stopped, _taken_over])
async def test_what_an_operator_does_ends_no_wait(
    world: World, done: Callable[[World, str, str], Awaitable[None]]
) -> None:
    account, campaign, calls = await _told_to_wait(world)
    await done(world, account, campaign)
    await world.forward(seconds=WAIT_S - 20, step=20)
    assert len(await world.received(standing=False)) == calls
    await world.forward(seconds=180, step=20)
    assert len(await world.posts(TEXT)) == ROOMS


async def test_a_secret_that_was_refused_meanwhile_and_is_renewed_ends_no_wait(world: World) -> None:
    account, _, calls = await _told_to_wait(world, "credential_refused")
    assert (await world.call("GET", f"/accounts/{account}"))["status"] == "refused"
    await world.call("PATCH", f"/accounts/{account}", json={"secret": SECOND})
    await world.forward(seconds=WAIT_S - 20, step=20)
    assert len(await world.received(standing=False)) == calls
    await world.forward(seconds=180, step=20)
    assert len(await world.posts(TEXT)) == ROOMS


@pytest.mark.parametrize("made", ["anew", "by a new secret"])
async def test_who_becomes_the_same_sender_waits_with_it(world: World, made: str) -> None:
    _, _, calls = await _told_to_wait(world)
    secret = FIRST if made == "anew" else SECOND
    other = await world.account("other", "matrix", base_url=world.platform, secret=secret)
    await world.groups({"group": "N", "platform": "matrix", "address": "!n:localhost", "account": "other"})
    if secret is SECOND:
        await world.call("PATCH", f"/accounts/{other}", json={"secret": FIRST})
    await world.launch(body="Come out.")
    await world.forward(seconds=WAIT_S - 20, step=20)
    assert len(await world.received(standing=False)) == calls
    await world.forward(seconds=180, step=20)
    assert "!n:localhost" in await world.posts("Come out.")
