"""Said with a key, and no answer came: whatever happens next, the words may stand, and the ledger says so."""

import pytest

from app.flows.drain import Drain
from tests.world import World

TEXT = "Please stay indoors until 18:00."


async def _unanswered(world: World, **draft: float) -> str:
    """A campaign of one group that took the words and did not say so."""
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h")})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept", "times": None})
    campaign = await world.launch(**draft)
    assert (await world.relays(campaign))["H"]["state"] == "planned"
    assert len(await world.received()) == 1
    return campaign


@pytest.mark.parametrize("end", ["cancelled", "too late", "gone"])
async def test_what_may_stand_is_never_called_cancelled_missed_or_failed(world: World, end: str) -> None:
    campaign = await _unanswered(world, **({"relay_minutes": 0.15} if end == "too late" else {}))
    if end == "cancelled":
        await world.call("POST", f"/campaigns/{campaign}/cancel")
    elif end == "gone":
        await world.sim.delete("/_sim/faults")
        await world.sim.post("/_sim/targets", json={"platform": "webhook", "target": "hook-h", "state": "deleted"})
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "uncertain"
    assert set(await world.missed(campaign)) == {"H"}
    assert len(await world.received()) == 1


async def test_a_yes_to_the_second_saying_is_the_end_of_it(world: World) -> None:
    campaign = await _unanswered(world)
    await world.sim.delete("/_sim/faults")
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "relayed"
    assert len(await world.received()) == 1


async def test_a_drain_that_holds_no_shard_rests(world: World) -> None:
    await world.work()  # the story's own drain holds them all
    assert await Drain(world.kit, "wrk_late").turn() > 0
    late = Drain(world.kit, "wrk_later")
    for _ in range(3):
        rest = await late.turn()
    assert rest > 0


async def test_when_the_platform_may_have_forgotten_the_key_it_is_not_said_again(world: World) -> None:
    campaign = await _unanswered(world, relay_minutes=3 * 24 * 60)
    await world.call("POST", "/stop")
    await world.sim.delete("/_sim/faults")
    await world.forward(minutes=25 * 60, step=3600)
    await world.call("POST", "/start")
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "uncertain"
    assert len(await world.received(standing=False)) == 1


async def test_a_key_is_new_when_the_words_are_first_said_however_long_they_waited(world: World) -> None:
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h")})
    await world.call("POST", "/stop")
    campaign = await world.launch(relay_minutes=3 * 24 * 60)
    await world.forward(minutes=25 * 60, step=3600)
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept", "times": 1})
    await world.call("POST", "/start")
    await world.forward(seconds=12, step=2)
    assert (await world.relays(campaign))["H"]["state"] == "relayed"
    assert len(await world.received()) == 1
    assert len(await world.received(standing=False)) == 2


FIRST, SECOND = ({"access_token": f"syt_Ym90_{which}"} for which in ("first_aaaaaa", "second_bbbbbb"))


async def _lost_in_a_room(world: World) -> tuple[str, str]:
    """An account and its campaign, whose words stand in a room of which no answer came."""
    account = await world.account("bot", "matrix", base_url=world.platform, secret=FIRST)
    await world.groups({"group": "M", "platform": "matrix", "address": "!r:localhost", "account": "bot"})
    await world.sim.post("/_sim/faults", json={"platform": "matrix", "kind": "drop_after_accept"})
    return account, await world.launch()


async def _is_uncertain(world: World, campaign: str, *, calls: int) -> None:
    """Nothing was said but what was said at first, and the ledger tells."""
    await world.forward(minutes=2, step=5)
    assert (await world.relays(campaign))["M"]["state"] == "uncertain"
    assert len(await world.received(standing=False)) == calls
    assert await world.posts(TEXT) == ["!r:localhost"]


@pytest.mark.parametrize("what", ["secret", "base_url"])
async def test_who_is_somebody_else_to_the_platform_since_does_not_say_it_again(world: World, what: str) -> None:
    account, campaign = await _lost_in_a_room(world)
    changes = {"secret": SECOND, "base_url": f"{world.platform}/elsewhere"}
    await world.call("PATCH", f"/accounts/{account}", json={what: changes[what]})
    await _is_uncertain(world, campaign, calls=1)


async def test_nor_does_who_was_refused_before_he_could(world: World) -> None:
    account, campaign = await _lost_in_a_room(world)
    await world.sim.post("/_sim/faults", json={"platform": "matrix", "kind": "credential_refused"})
    await world.forward(seconds=10, step=1)
    assert (await world.call("GET", f"/accounts/{account}"))["status"] == "refused"
    await world.call("PATCH", f"/accounts/{account}", json={"secret": SECOND})
    await _is_uncertain(world, campaign, calls=2)


async def test_who_is_the_same_to_the_platform_says_it_again(world: World) -> None:
    account, campaign = await _lost_in_a_room(world)
    await world.call("PATCH", f"/accounts/{account}", json={"secret": FIRST, "name": "renamed"})
    await world.forward(minutes=1, step=5)
    assert (await world.relays(campaign))["M"]["state"] == "relayed"
    assert await world.posts(TEXT) == ["!r:localhost"]


async def test_what_the_new_one_says_first_he_says_again(world: World) -> None:
    account = await world.account("bot", "matrix", base_url=world.platform, secret=FIRST)
    await world.groups({"group": "M", "platform": "matrix", "address": "!r:localhost", "account": "bot"})
    await world.call("PATCH", f"/accounts/{account}", json={"secret": SECOND})
    await world.sim.post("/_sim/faults", json={"platform": "matrix", "kind": "drop_after_accept"})
    campaign = await world.launch()
    await world.forward(minutes=1, step=5)
    assert (await world.relays(campaign))["M"]["state"] == "relayed"
    assert await world.posts(TEXT) == ["!r:localhost"]


async def test_a_webhooks_key_is_in_what_is_said_whoever_signs_it(world: World) -> None:
    secret, other = ({"signing_secret": f"whsec_{sign * 28}zz=="} for sign in "AB")
    account = await world.account("hooks", "webhook", secret=secret)
    await world.groups({"group": "H", "platform": "webhook", "address": world.webhook("hook-h"), "account": "hooks"})
    await world.sim.post("/_sim/faults", json={"platform": "webhook", "kind": "drop_after_accept"})
    campaign = await world.launch()
    await world.call("PATCH", f"/accounts/{account}", json={"secret": other})
    await world.forward(minutes=1, step=5)
    assert (await world.relays(campaign))["H"]["state"] == "relayed"
    assert len(await world.received()) == 1
