"""What a group's platform answers to our own posts is known of the group afterwards, as if it had told by itself."""

import pytest

from tests.stories.callbacks import group
from tests.world import World

WAYS = {
    "telegram": ("-1001", "kicked", "403"),
    "wecom": ("key-00000001", "unknown", "93000"),
    "slack": ("C024BE91L", "deleted", "is_archived"),
}


async def _reach(world: World, platform: str) -> str:
    """A group on this platform; answers its address there."""
    target = WAYS[platform][0]
    row = {"group": "G", "platform": platform, "address": target}
    if platform == "wecom":
        row["address"] = world.wecom(target)
    if platform == "telegram":
        await world.account("bot")
    if platform == "slack":
        await world.account("app", "slack", secret={"bot_token": "xoxb-practice-demo"}, base_url=world.platform)
    await world.groups(row)
    return target


@pytest.mark.parametrize("platform", WAYS)
async def test_a_refused_post_marks_its_group_and_one_that_stands_clears_it(world: World, platform: str) -> None:
    target, (_, state, code) = await _reach(world, platform), WAYS[platform]
    await world.sim.post("/_sim/targets", json={"platform": platform, "target": target, "state": state})
    await world.launch()
    lost = await group(world, "G")
    assert lost["health"] == "gone"
    assert lost["health_reason"] == f"the platform did not let the account post in this group ({code})"
    seen = await world.call("POST", f"/campaigns/{await world.draft()}/preflight")
    assert "account_removed" in [one["code"] for one in seen["warnings"]]
    await world.sim.post("/_sim/targets", json={"platform": platform, "target": target, "state": "ok"})
    await world.forward(seconds=30)
    await world.launch(title="once more")
    assert (await group(world, "G"))["health"] == "sound"


async def _calls(world: World) -> list[str]:
    return sorted(one["platform"] for one in await world.received(standing=False))


async def test_an_address_that_is_no_more_is_not_called_again_until_it_is_given_anew(world: World) -> None:
    """Discord asks for it after a 404, a generic webhook by a 410."""
    rows = {
        "discord": f"{world.platform}/api/webhooks/1234567/tok_tok",
        "webhook": world.webhook("hook1"),
    }
    await world.groups(
        *({"group": name, "platform": name, "address": url, "routes": "bot"} for name, url in rows.items())
    )
    targets = [("discord", "1234567", "unknown"), ("webhook", "hook1", "deleted")]
    for platform, target, state in targets:
        await world.sim.post("/_sim/targets", json={"platform": platform, "target": target, "state": state})
    for number in range(2):
        campaign = await world.launch(title=f"number {number}")
        await world.forward(seconds=30)
        assert await _calls(world) == ["discord", "webhook"]
        assert {relay["state"] for relay in (await world.relays(campaign)).values()} == {"failed"}
    assert {name: (await group(world, name))["health"] for name in rows} == dict.fromkeys(rows, "closed")
    assert "(410)" in (await group(world, "webhook"))["health_reason"]
    seen = await world.call("POST", f"/campaigns/{await world.draft()}/preflight")
    assert "account_removed" in [one["code"] for one in seen["warnings"]]
    for platform, target, _ in targets:
        await world.sim.post("/_sim/targets", json={"platform": platform, "target": target, "state": "ok"})
    for name, url in rows.items():
        await world.call("PATCH", f"/groups/{(await group(world, name))['id']}", json={"address": url})
    await world.launch(title="given anew")
    await world.forward(seconds=30)
    assert await _calls(world) == sorted(2 * ["discord", "webhook"])
    assert {name: (await group(world, name))["health"] for name in rows} == dict.fromkeys(rows, "sound")


async def test_a_lost_line_says_nothing_of_the_group(world: World) -> None:
    await _reach(world, "telegram")
    await world.sim.post("/_sim/faults", json={"platform": "telegram", "kind": "reset"})
    await world.launch()
    assert (await group(world, "G"))["health"] == "sound"
