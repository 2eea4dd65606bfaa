"""A recall of some groups, while their campaign goes on: from its answer on nothing of it is posted there any more by
anybody whom we ask, in whatever state it was."""

import asyncio
from typing import Any

from app.channels.port import Outcome, Verdict
from app.domain.access.states import Role
from app.domain.deliveries import store as deliveries
from app.domain.relays import store as relays
from app.domain.relays.states import News
from app.flows.outcomes import Heard
from app.flows.record import record
from tests.builders.board import key_of
from tests.builders.relays import center
from tests.world import World

TEXT = "Please stay indoors until 18:00."
LI, WU = "5002", "5009"
PATIENT = 1_000


async def _posted_to(world: World, *numbers: int) -> None:
    await world.account("bot")
    await world.groups(*({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}"} for n in numbers))


async def _recall(world: World, campaign: str, *names: str) -> Any:
    ledger = await world.relays(campaign)
    groups = [ledger[name]["group_id"] for name in names]
    return await world.call("POST", f"/campaigns/{campaign}/recall", status=202, json={"groups": groups})


async def _stands(world: World, campaign: str, group: str) -> tuple[str, str | None]:
    relay = (await world.relays(campaign))[group]
    return relay["state"], relay["recall"]


async def test_what_is_put_back_while_it_is_recalled_is_called_off(world: World) -> None:
    await _posted_to(world, 0, 1, 2)
    await world.call("POST", "/stop")
    campaign = await world.launch()
    await world.call("POST", "/start")
    listed = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    [mine] = [one["id"] for one in listed if one["group_name"] == "T1"]
    async with world.kit.db.write() as tx:  # a worker is saying it at this moment
        [claimed] = await deliveries.claim(tx, [mine])
        await relays.move(tx, [str(claimed.relay_id)], News.CLAIMED, actor="muster")

    async def not_now() -> None:
        """The platform's answer, while the recall waits for what is under way."""
        for _ in range(PATIENT):
            if await _stands(world, campaign, "T2") != ("planned", None):
                break
        now, slow = world.clock.now(), Outcome(Verdict.THROTTLED, "429", "slow down", wait_s=5.0)
        await record(world.kit, [Heard(claimed, slow, now, now, None)])

    await asyncio.gather(_recall(world, campaign, "T1", "T2"), not_now())
    await world.forward(seconds=30, step=5)
    assert await world.posts(TEXT) == ["-1000"]
    assert await world.changes() == [], "it never stood there"
    assert await _stands(world, campaign, "T1") == await _stands(world, campaign, "T2") == ("cancelled", "done")


async def test_what_proves_not_to_stand_is_not_said_again(world: World) -> None:
    await _posted_to(world, 0, 1)
    await world.sim.post("/_sim/faults", json={"target": "-1001", "kind": "reset"})
    campaign = await world.launch()
    await _recall(world, campaign, "T1")
    assert await _stands(world, campaign, "T1") == ("uncertain", "wanted")
    [lost] = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    await world.call("POST", f"/deliveries/{lost['id']}/resolve", json={"outcome": "not_sent"})
    why = (await world.call("GET", f"/deliveries/{lost['id']}/why"))["why"]
    assert why == "It waits: it is taken back before it left."
    await world.forward(minutes=1, step=5)
    assert await world.posts(TEXT) == ["-1000"]
    assert await world.changes() == []
    assert await _stands(world, campaign, "T1") == ("cancelled", "done")


async def _strangers_hear_nothing(world: World, path: str) -> None:
    """Another center's owner is told that there is no such relay, not what became of it."""
    other = await key_of(world.kit.db, await center(world.kit.db, f"other {path}"), Role.OWNER, "other")
    await world.call("POST", path, status=404, json={}, headers={"Authorization": f"Bearer {other}"})


async def test_nobody_is_asked_for_what_was_missed_and_who_posts_it_all_the_same_is_asked_to_delete_it(
    world: World,
) -> None:
    await world.account("bot")
    li = {"platform": "manual", "leader": "Li", "leader_contact": f"telegram:{LI}"}
    await world.groups({"group": "M1", **li}, {"group": "M2", **li})
    wu = {"name": "Wu", "contact": f"telegram:{WU}", "language": "en"}
    head = await world.call("POST", "/leaders", status=201, json=wu)
    await world.call("PATCH", "/center", json={"head_id": head["id"]})
    campaign = await world.launch()
    await world.forward(minutes=62)
    assert await _stands(world, campaign, "M1") == ("missed", None)
    await _recall(world, campaign, "M1")
    assert await _stands(world, campaign, "M1") == ("missed", "done")
    relay = (await world.relays(campaign))["M1"]["id"]
    for verb in ("nudge", "hand-over", "post"):
        refused = await world.call("POST", f"/relays/{relay}/{verb}", status=409, json={})
        assert refused["code"] == "taken_back"
        await _strangers_hear_nothing(world, f"/relays/{relay}/{verb}")
    await world.forward(minutes=30)
    asked = [letter for letter in await world.letters(WU) if "/r/" in letter]
    assert ["M1" in letter for letter in asked] == [False], "he is asked for M2 alone"
    before = len(await world.letters(LI))
    link = await world.link(LI)
    assert (await world.presses(link, "done", relay)).json()["changed"] is True
    await world.forward(minutes=2)
    assert await _stands(world, campaign, "M1") == ("relayed", "asked")
    assert ["M1" in letter for letter in (await world.letters(LI))[before:]] == [True]


async def test_what_failed_falls_to_no_leader_and_is_not_tried_again(world: World) -> None:
    await _posted_to(world, 0, 1)
    li = {"leader": "Li", "leader_contact": f"telegram:{LI}"}
    await world.groups({"group": "B", "platform": "telegram", "address": "-1002", "routes": "bot;leader", **li})
    for n in range(3):
        await world.sim.post("/_sim/targets", json={"platform": "telegram", "target": f"-100{n}", "state": "kicked"})
    campaign = await world.launch()
    assert await _stands(world, campaign, "B") == ("failed", None)
    await _recall(world, campaign, "T0", "B")
    for n in range(3):
        await world.sim.post("/_sim/targets", json={"platform": "telegram", "target": f"-100{n}", "state": "ok"})
    await world.forward(minutes=2)
    assert (await world.call("POST", f"/campaigns/{campaign}/retry", status=202))["retried"] == 1
    await world.forward(minutes=2)
    assert await world.posts(TEXT) == ["-1001"]
    assert await world.letters(LI) == []
    assert await _stands(world, campaign, "B") == ("failed", "done")


async def test_who_was_to_be_asked_in_the_morning_is_not(world: World) -> None:
    await world.account("bot")
    li = {"platform": "manual", "timezone": "Asia/Shanghai", "leader": "Li", "leader_contact": f"telegram:{LI}"}
    await world.groups({"group": "M1", **li})
    wu = {"name": "Wu", "contact": f"telegram:{WU}", "language": "en"}
    head = await world.call("POST", "/leaders", status=201, json=wu)
    await world.call("PATCH", "/center", json={"head_id": head["id"]})
    await world.forward(minutes=4 * 60, step=3_600)  # 21:00 there
    campaign = await world.launch()
    await world.forward(minutes=90)
    relay = (await world.relays(campaign))["M1"]
    assert (relay["state"], relay["leader_name"]) == ("missed", "Wu"), "his letter waits for the morning"
    await _recall(world, campaign, "M1")
    await world.forward(minutes=12 * 60, step=3_600)
    assert [letter for letter in await world.letters(WU) if "/r/" in letter] == []
