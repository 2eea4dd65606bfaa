"""The moments a platform asks to avoid: campaigns wait, and say so; an incident passes."""

from tests.world import World


async def test_at_nine_sharp_feishu_is_left_alone_except_for_an_incident(world: World) -> None:
    account = await world.account("robots", "feishu")
    hook = f"{world.platform}/open-apis/bot/v2/hook/"
    await world.groups(*({"group": f"g{n}", "platform": "feishu", "address": f"{hook}rush-{n}"} for n in range(2)))
    assert account
    campaign = await world.draft()
    seen = await world.call("POST", f"/campaigns/{campaign}/preflight")
    assert [lane["bound_by"] for lane in seen["lanes"]] == [
        "the rush around :00 and :30, which the platform asks to avoid"
    ]
    await world.call("POST", f"/campaigns/{campaign}/launch", status=202)
    await world.work()
    waiting = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert {one["state"] for one in waiting} == {"due"}
    why = await world.call("GET", f"/deliveries/{waiting[0]['id']}/why")
    assert why["why"] == "It waits until 09:01:00 UTC: its platform asks to avoid the minutes around :00 and :30."
    incident = await world.launch(priority="incident")
    assert (await world.campaign(incident))["counts"]["relayed"] == 2
    await world.forward(seconds=61, step=61)
    assert (await world.campaign(campaign))["counts"]["relayed"] == 2
