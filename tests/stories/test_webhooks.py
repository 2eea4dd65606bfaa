"""Outgoing webhooks: another program hears of what happens, signed, each event under one id until it takes it."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.clock import ManualClock
from app.core.jobs import RecordingQueue
from app.domain.shards import store as shards
from app.domain.webhooks import store
from app.domain.webhooks.rules import WAITS
from app.flows.tell_webhooks import LEASE, tell_webhooks
from tests.builders.board import Operator, key_of
from tests.builders.receiver import Receiver, Signed, receiving
from tests.world import World, center_on

ALL = ["campaign.started", "campaign.paused", "campaign.finished", "relay.relayed", "relay.missed"]


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def world(hook: Receiver, database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    clock, queue = ManualClock(datetime.now(UTC).replace(microsecond=0)), RecordingQueue()
    host = f"127.0.0.1:{hook.port}"
    async with center_on(database_url, tmp_path, clock=clock, queue=queue, hosts=(host,)) as (kit, api, sim):
        async with kit.db.write() as tx:
            await shards.lay_out(tx)
        world = World(kit, clock, queue, api, sim)
        await world.account("bot")
        await world.groups(
            {"group": "T", "platform": "telegram", "address": "-1001", "account": "bot"},
            {"group": "W", "leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"},
        )
        yield world


async def _subscribed(world: World, hook: Receiver, *events: str) -> Any:
    body = {"name": "CRM", "url": hook.url, "events": list(events or ALL)}
    return await world.call("POST", "/webhooks", status=201, json=body)


async def _told(world: World) -> None:
    while await tell_webhooks(world.kit):
        pass


async def test_what_happens_is_told_once_signed_and_without_names(world: World, hook: Receiver) -> None:
    made = await _subscribed(world, hook)
    assert made["secret"].startswith("whsec_")
    assert "hidden" not in made["address"]
    campaign = await world.launch()
    relay = (await world.relays(campaign))["W"]["id"]
    await world.forward(seconds=5, step=1)
    await world.presses(await world.link("5001"), "done", relay)
    await world.forward(seconds=10, step=1)
    await _told(world)
    said = [Signed(call).checked(made["secret"]) for call in hook.calls]
    assert sorted(one["type"] for one in said) == [
        "campaign.finished",
        "campaign.started",
        "relay.relayed",
        "relay.relayed",
    ]
    assert len({call[0]["webhook-id"] for call in hook.calls}) == 4
    mine = next(one["data"] for one in said if one["data"].get("relay_id") == relay)
    assert set(mine) == {"campaign_id", "title", "relay_id", "group_id", "state"}
    assert "王芳" not in str(said)
    listed = await world.call("GET", f"/webhooks/{made['id']}/attempts")
    assert {(one["taken"], one["status"], one["state"], one["number"]) for one in listed["items"]} == {
        (True, 204, "told", 1)
    }
    assert "secret" not in await world.call("GET", f"/webhooks/{made['id']}")


async def test_only_what_was_asked_for_and_only_from_then_on(world: World, hook: Receiver) -> None:
    early = await world.launch()
    await _subscribed(world, hook, "campaign.paused")
    await world.call("POST", f"/campaigns/{early}/pause")
    await world.forward(seconds=10, step=1)
    await _told(world)
    assert hook.heard() == ["campaign.paused"]


async def test_a_reminder_after_the_deadline_does_not_tell_once_more_that_it_is_missed(
    world: World, hook: Receiver
) -> None:
    await _subscribed(world, hook, "relay.missed")
    campaign = await world.launch(escalation={"steps": []})
    await world.forward(seconds=5, step=1)
    await world.forward(minutes=61)
    relay = (await world.relays(campaign))["W"]
    assert relay["state"] == "missed"
    nudged = await world.call("POST", f"/relays/{relay['id']}/nudge")
    assert nudged["events"][-1]["reason"] == "reminded by key:head"
    await world.forward(seconds=10, step=1)
    await _told(world)
    assert hook.heard() == ["relay.missed"]


async def test_a_receiver_that_fails_is_asked_again_with_the_same_id_and_words(world: World, hook: Receiver) -> None:
    made = await _subscribed(world, hook, "campaign.started")
    hook.status = 500
    await world.launch()
    await _told(world)
    world.clock.advance(WAITS[0])
    await _told(world)
    hook.status = 200
    world.clock.advance(WAITS[1] - timedelta(seconds=1))
    await _told(world)
    assert len(hook.calls) == 2
    world.clock.advance(timedelta(seconds=1))
    await _told(world)
    await _told(world)
    assert len(hook.calls) == 3
    assert len({(call[0]["webhook-id"], call[1]) for call in hook.calls}) == 1
    items = (await world.call("GET", f"/webhooks/{made['id']}/attempts"))["items"]
    assert [(one["number"], one["status"], one["taken"]) for one in items] == [
        (3, 200, True),
        (2, 500, False),
        (1, 500, False),
    ]
    assert (await world.call("GET", f"/webhooks/{made['id']}"))["failing_since"] is None


async def test_the_last_failure_gives_it_up_and_three_silent_days_switch_it_off(world: World, hook: Receiver) -> None:
    made = await _subscribed(world, hook, "campaign.started")
    hook.status = 503
    await world.launch()
    await _told(world)
    for wait in WAITS:
        world.clock.advance(wait)
        await _told(world)
    assert len(hook.calls) == len(WAITS) + 1
    seen = await world.call("GET", f"/webhooks/{made['id']}")
    assert (seen["enabled"], "three days" in seen["disabled_reason"]) == (False, True)
    noted = [one["action"] for one in (await world.call("GET", "/audit"))["items"] if one["subject"] == made["id"]]
    assert noted == ["webhook.switch_off", "webhook.create"]
    world.clock.advance(timedelta(days=9))
    await _told(world)
    assert len(hook.calls) == len(WAITS) + 1
    assert (await world.call("POST", f"/webhooks/{made['id']}/ping", status=409))["code"] == "webhook_off"
    await world.call("PATCH", f"/webhooks/{made['id']}", json={"enabled": True})
    hook.status = 410
    await world.call("POST", f"/webhooks/{made['id']}/ping", status=202)
    await _told(world)
    assert (await world.call("GET", f"/webhooks/{made['id']}"))["disabled_reason"].endswith("(410)")


async def test_of_two_workers_one_says_it_and_what_dies_with_one_is_said_by_the_next(
    world: World, hook: Receiver
) -> None:
    made = await _subscribed(world, hook)
    for _ in range(5):
        await world.call("POST", f"/webhooks/{made['id']}/ping", status=202)
    await asyncio.gather(*(tell_webhooks(world.kit) for _ in range(3)))
    assert hook.heard() == ["ping"] * 5
    await world.call("POST", f"/webhooks/{made['id']}/ping", status=202)
    async with world.kit.db.write() as tx:
        assert len(await store.claim(tx, limit=9, lease=LEASE)) == 1  # by one who dies before he says a word
    await _told(world)
    assert len(hook.calls) == 5
    world.clock.advance(LEASE)
    await _told(world)
    assert hook.heard() == ["ping"] * 6


async def test_an_owner_makes_tries_and_switches_one_on_the_pages(world: World, hook: Receiver) -> None:
    center = (await world.call("GET", "/center"))["id"]
    owner = Operator(httpx.AsyncClient(transport=world.api._transport, base_url="http://muster.test"))
    await owner.sign_in(await key_of(world.kit.db, center))
    wrong = await owner.press("/settings/webhooks", name="CRM", endpoint="https://10.0.0.1/", events="ping")
    assert (wrong.status_code, 'value="CRM"' in wrong.text, 'id="wrong-events"' in wrong.text) == (422, True, True)
    wrong = await owner.press("/settings/webhooks", name="CRM", endpoint="https://10.0.0.1/", events="relay.missed")
    assert 'id="wrong-endpoint"' in wrong.text
    made = await owner.press("/settings/webhooks", name="CRM", endpoint=hook.url, events="relay.missed")
    secret = re.findall(r"whsec_[A-Za-z0-9+/=]+", made.text)[0]
    here = re.findall(r"/settings/webhooks/whk_\w+", made.text)[0]
    await owner.press(f"{here}/ping")
    await _told(world)
    assert Signed(hook.calls[0]).checked(secret)["type"] == "ping"
    page = await owner.page(here)
    assert ("对方已收下" in page, "204" in page, secret in page, "key=hidden" in page) == (True, True, False, False)
    assert "不再通知它" in await owner.page(f"{here}/ask/off")
    await owner.press(f"{here}/off")
    assert "已停用" in await owner.page("/settings/webhooks")
    await owner.press(f"{here}/on")
    await owner.press(f"{here}/remove")
    assert (await owner.look(here)).status_code == 404
    await owner.client.aclose()


async def test_where_it_may_not_call_nobody_subscribes(world: World, hook: Receiver) -> None:
    for url in ("http://127.0.0.1:1/", "https://10.0.0.1/", "https://localhost/", "ftp://example.org/", "x"):
        problem = await world.call("POST", "/webhooks", status=422, json={"name": "x", "url": url, "events": ["ping"]})
        assert [one["pointer"] for one in problem["errors"]] == ["/url"], url
    for events in ([], ["group.deleted"]):
        body = {"name": "x", "url": hook.url, "events": events}
        problem = await world.call("POST", "/webhooks", status=422, json=body)
        assert problem["errors"][0]["pointer"].startswith("/events")


async def test_what_is_removed_or_switched_off_hears_nothing_more(world: World, hook: Receiver) -> None:
    first, second = [await _subscribed(world, hook, "ping", "campaign.started") for _ in range(2)]
    for made in (first, second):
        await world.call("POST", f"/webhooks/{made['id']}/ping", status=202)
    answer = await world.api.delete(f"/api/v1/webhooks/{first['id']}")
    assert answer.status_code == 204
    await world.call("PATCH", f"/webhooks/{second['id']}", json={"enabled": False})
    await world.launch()
    await _told(world)
    assert hook.calls == []
    assert [one["id"] for one in (await world.call("GET", "/webhooks"))["items"]] == [second["id"]]
