"""Outgoing webhooks over time: what ends a campaign is told, a silent receiver takes little room, old tries go."""

from datetime import timedelta
from typing import Any

from app.domain.webhooks import store
from app.domain.webhooks.store import EACH
from app.flows.tell_webhooks import forget_told, tell_webhooks
from tests.world import World


async def _subscribed(world: World, path: str, event: str) -> str:
    body = {"name": "CRM", "url": f"{world.platform}{path}", "events": [event]}
    return str((await world.call("POST", "/webhooks", status=201, json=body))["id"])


async def _tried(world: World, webhook: str) -> list[Any]:
    found = await world.call("GET", f"/webhooks/{webhook}/attempts", params={"limit": 100})
    return list(found["items"])


async def test_the_last_group_that_is_excused_ends_a_campaign_for_others_too(world: World) -> None:
    await world.account("bot")
    await world.groups(
        {"group": "W", "leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"},
    )
    webhook = await _subscribed(world, "/webhook/crm", "campaign.finished")
    campaign = await world.launch()
    relay = (await world.relays(campaign))["W"]["id"]
    await world.forward(seconds=10, step=1)
    assert await tell_webhooks(world.kit) == 0
    await world.call("POST", f"/relays/{relay}/excuse", json={"reason": "merged"})
    await world.forward(seconds=10, step=1)
    assert await tell_webhooks(world.kit) == 1
    assert [one["event"] for one in await _tried(world, webhook)] == ["campaign.finished"]


async def test_a_silent_receiver_takes_one_place_of_a_round_and_tries_go_after_a_month(world: World) -> None:
    webhook = await _subscribed(world, "/nowhere", "relay.relayed")
    async with world.kit.db.write() as tx:
        row = {"webhook_id": webhook, "event": "ping", "body": {}, "state": "due", "due_at": tx.now, "tries": 0}
        await store.keep(tx, [{**row, "id": f"msg_{number}", "created_at": tx.now} for number in range(30)])
    assert await tell_webhooks(world.kit) == EACH
    assert await tell_webhooks(world.kit) == 1
    assert [one["taken"] for one in await _tried(world, webhook)] == [False] * (EACH + 1)
    world.clock.advance(timedelta(days=29))
    assert await forget_told(world.kit) == 0
    world.clock.advance(timedelta(days=2))
    assert await forget_told(world.kit) == EACH + 1
    assert await _tried(world, webhook) == []
    assert await forget_told(world.kit) == 0
