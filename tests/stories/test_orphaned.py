"""Groups that become nobody's while a campaign runs: the head hears of them once, and they stay on the missed list."""

from app.core import journal
from tests.stories.test_cascade import CHEN, leader_id
from tests.world import World

MO = "6101"


async def test_the_head_hears_once_of_groups_that_are_nobodys_any_more(world: World) -> None:
    await world.account("bot")
    mine = {"platform": "manual", "leader": "Mo", "leader_contact": f"telegram:{MO}"}
    await world.groups({"group": "M1", **mine}, {"group": "M2", **mine})
    await world.call("PATCH", "/center", json={"head_id": await leader_id(world, "Chen")})
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    mo, relays = await leader_id(world, "Mo"), await world.relays(campaign)
    for relay in relays.values():  # the head has had both, and gave them back
        await world.presses(await world.link(MO), "cannot", relay["id"], reason="text_wrong")
        await world.forward(seconds=2, step=1)
        await world.call("POST", f"/relays/{relay['id']}/hand-over", json={"leader_id": mo})
    assert (await world.api.delete(f"/api/v1/leaders/{mo}")).status_code == 204
    await world.forward(minutes=5)
    told = [letter for letter in await world.letters(CHEN) if "nobody answers any more" in letter]
    assert len(told) == 1
    assert "M1" in told[0]
    assert "M2" in told[0]
    assert f"/campaigns/{campaign}/missed" in told[0]
    async with world.kit.db.read() as tx:
        said = [line.reason for line in await journal.thread(tx, campaign)]
    assert said.count("2 groups are nobody's: the head is told") == 1
    story = await world.call("GET", f"/relays/{relays['M1']['id']}")
    assert story["leader_id"] is None
    assert "nobody answers for this group any more" in [event["reason"] for event in story["events"]]
