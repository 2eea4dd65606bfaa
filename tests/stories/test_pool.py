"""Groups left over from an event are kept for the next one: under a tag, asleep, and woken together."""

from typing import Any

from tests.world import World


async def left_over(world: World) -> str:
    """An event in three groups: two were reached, one missed it."""
    await world.account("bot")
    mine = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
    await world.groups(*({"group": name, **mine} for name in ("G1", "G2", "G3")))
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    relays = await world.relays(campaign)
    for name in ("G1", "G2"):
        await world.presses(await world.link("5001"), "done", relays[name]["id"])
    return campaign


async def stand(world: World) -> dict[str, tuple[str, list[str]]]:
    found = await world.call("GET", "/groups")
    return {group["name"]: (group["status"], group["tags"]) for group in found["items"]}


async def keep(world: World, campaign: str, *, status: int = 200, **body: Any) -> Any:
    return await world.call("POST", f"/campaigns/{campaign}/pool", status=status, json=body)


async def test_a_pool_sleeps_until_the_next_event_wakes_it(world: World) -> None:
    campaign = await left_over(world)
    assert (await keep(world, campaign, status=409, tag="seed"))["code"] == "campaign_not_over"
    await world.forward(minutes=70, step=300)
    kept = await keep(world, campaign, tag="Seed", states=["relayed"], dormant=True)
    assert kept == {"groups": 2, "full": 0}
    assert await stand(world) == {"G1": ("dormant", ["Seed"]), "G2": ("dormant", ["Seed"]), "G3": ("active", [])}
    assert (await world.campaign(await world.launch()))["groups"] == 1
    woken = await world.call("POST", "/groups/status", json={"tags": ["seed"], "status": "active"})
    assert woken["changed"] == 2
    again = await world.launch(audience={"tags": ["seed"]})
    assert set(await world.relays(again)) == {"G1", "G2"}


async def test_all_groups_are_kept_once_and_archived_ones_stay_out(world: World) -> None:
    campaign = await left_over(world)
    await world.forward(minutes=70, step=300)
    group = (await world.call("GET", "/groups", params={"q": "G1"}))["items"][0]["id"]
    gone = {"groups": [group], "status": "archived", "reason": "dissolved"}
    await world.call("POST", "/groups/status", json=gone)
    for _ in range(2):
        assert (await keep(world, campaign, tag="seed"))["groups"] == 2
    assert await stand(world) == {"G1": ("archived", []), "G2": ("active", ["seed"]), "G3": ("active", ["seed"])}
