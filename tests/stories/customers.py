"""Two customer groups of WeCom's and their owner, for stories about tasks."""

from typing import Any

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


async def story(world: World, campaign: str, group: str) -> list[str]:
    """The reasons in a relay's story."""
    relay = (await world.relays(campaign))[group]["id"]
    return [str(line["reason"]) for line in (await world.call("GET", f"/relays/{relay}"))["events"]]
