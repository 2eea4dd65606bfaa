"""The words of a campaign as each platform needs them."""

from tests.world import World

EVERYONE = "@channel <!channel> the gate is open"


async def test_everyone_is_called_only_where_it_was_asked_for_and_never_by_a_leaders_text(world: World) -> None:
    await world.groups(
        {"group": "S", "platform": "slack", "address": f"{world.platform}/services/T1/B1/general"},
        {"group": "L", "platform": "manual", "leader": "Wang", "leader_contact": "none", "routes": "leader"},
    )
    quiet = await world.launch(body=EVERYONE)
    loud = await world.launch(body=EVERYONE, mention_all=True)
    told = [await world.campaign(campaign) for campaign in (quiet, loud)]
    assert [one["mention_all"] for one in told] == [False, True]
    await world.forward(seconds=2, step=1)
    said = {one["text"]: one["answer"] for one in await world.received()}
    assert said == {EVERYONE: "ok called nobody", f"<!channel>\n{EVERYONE}": "ok called someone"}
    for campaign in (quiet, loud):
        relay = (await world.relays(campaign))["L"]["id"]
        assert (await world.call("GET", f"/relays/{relay}"))["text"] == EVERYONE
