"""Robots that want a signature: an account's secret signs for all of them, a robot's own goes before it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.world import World, world_on


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A world at this very hour, for the robots hold a signature's time against their own clock; but not at its turn,
    when Feishu is left alone."""
    now = datetime.now(UTC)
    async with world_on(database_url, tmp_path, now.replace(minute=15 if now.minute < 30 else 45)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("platform", "path"), [("dingtalk", "/robot/send?access_token="), ("feishu", "/open-apis/bot/v2/hook/")]
)
async def test_whose_secret_signs(world: World, platform: str, path: str) -> None:
    await world.account(platform, platform, base_url=world.platform, secret={"secret": "SECfor-all-of-them"})
    targets = [{"target": "robot-all", "secret": "SECfor-all-of-them"}, {"target": "robot-own", "secret": "SECits-own"}]
    await world.sim.post("/_sim/targets", json={"targets": [{"platform": platform, **one} for one in targets]})
    address = f"{world.platform}{path}"
    await world.groups(
        {"group": "all", "platform": platform, "address": f"{address}robot-all", "routes": "bot"},
        {
            "group": "own",
            "platform": platform,
            "address": f"{address}robot-own",
            "routes": "bot",
            "secret": "SECits-own",
        },
    )
    campaign = await world.launch()
    await world.forward(seconds=10, step=1)
    assert {name: relay["state"] for name, relay in (await world.relays(campaign)).items()} == {
        "all": "relayed",
        "own": "relayed",
    }


async def test_a_refused_signature_of_the_account_s_is_the_account_s_affair(world: World) -> None:
    account = await world.account("dingtalk", "dingtalk", base_url=world.platform, secret={"secret": "SECoutdated"})
    await world.sim.post("/_sim/targets", json={"platform": "dingtalk", "target": "*", "secret": "SECnew"})
    address = f"{world.platform}/robot/send?access_token=robot-0001"
    await world.groups({"group": "one", "platform": "dingtalk", "address": address, "routes": "bot"})
    campaign = await world.launch()
    assert (await world.call("GET", f"/accounts/{account}"))["status"] == "refused"
    await world.call("PATCH", f"/accounts/{account}", json={"secret": {"secret": "SECnew"}})
    await world.forward(seconds=10, step=1)
    assert (await world.relays(campaign))["one"]["state"] == "relayed"
