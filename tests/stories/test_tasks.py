"""Customer groups of WeCom's: their owner is asked to send it himself, and only WeCom's word that he did counts."""

from typing import Any

import pytest

from tests.world import World

TEXT = "Please stay indoors until 18:00."
GROUPS = {"A": "wrAlpha", "B": "wrBeta"}
SECRET = {"corp_id": "ww_story", "corp_secret": "customers-secret"}


async def customers(world: World, *, routes: str = "bot;leader", contact: str = "wecom:wang", **limits: Any) -> str:
    """Two customer groups of one owner's, and the account that may have him asked."""
    account = await world.account("customers", "wecom", secret=SECRET, base_url=world.platform, **limits)
    await world.groups(
        *(
            {
                "group": name,
                "platform": "wecom",
                "address": chat,
                "account": "customers",
                "branch": "East",
                "leader": "Wang",
                "leader_contact": contact,
                "deputies": "Li",
                "routes": routes,
            }
            for name, chat in GROUPS.items()
        )
    )
    return account


async def asked(world: World) -> list[str]:
    """The numbers of the tasks that WeCom has made, the oldest first."""
    found = (await world.sim.get("/_sim/changes")).json()["items"]
    return [one["message"] for one in found if one["what"] == "asked"]


async def press(world: World, task: str) -> int:
    return (await world.sim.post("/_sim/wecom/press", json={"msgid": task})).status_code


async def states(world: World, campaign: str) -> dict[str, str]:
    return {name: str(relay["state"]) for name, relay in (await world.relays(campaign)).items()}


async def test_one_owner_is_asked_once_for_all_his_groups_and_nothing_is_sent_until_wecom_says_so(world: World) -> None:
    await customers(world)
    campaign = await world.launch()
    await world.forward(seconds=2, step=1)
    assert len(await asked(world)) == 1
    assert await states(world, campaign) == {"A": "assigned", "B": "assigned"}
    assert (await world.relays(campaign))["A"]["reason"] == "Wang was asked by the platform itself to send it"
    await world.forward(minutes=10)
    assert await states(world, campaign) == {"A": "assigned", "B": "assigned"}
    assert await world.received() == []
    [task] = await asked(world)
    assert await press(world, task) == 200
    await world.forward(minutes=2)
    for relay in (await world.relays(campaign)).values():
        assert (relay["state"], relay["via"], relay["evidence"]) == ("relayed", "leader", "platform_verified")
        assert relay["late"] is False
    assert await world.posts(TEXT) == ["wrAlpha", "wrBeta"]
    assert (await world.campaign(campaign))["status"] == "finished"
