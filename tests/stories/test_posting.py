"""Bots post: once per group, inside the limits, and only while they may."""

from datetime import datetime, timedelta

from tests.conftest import T0
from tests.world import World

TEXT = "Please stay indoors until 18:00."


def _telegram(number: int, **more: str) -> dict[str, str]:
    return {"group": f"T{number}", "platform": "telegram", "address": f"-100{number}", "account": "bot", **more}


async def test_every_group_gets_it_once_and_the_campaign_says_finished(world: World) -> None:
    await world.account("bot")
    await world.groups(
        *(_telegram(number) for number in range(40)),
        *({"group": f"W{n}", "platform": "wecom", "address": world.wecom(f"key-{n:08}")} for n in range(20)),
        *({"group": f"H{n}", "platform": "webhook", "address": world.webhook(f"hook{n}")} for n in range(10)),
    )
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    posts = await world.posts(TEXT)
    assert len(posts) == len(set(posts)) == 70
    seen = await world.campaign(campaign)
    assert seen["status"] == "finished"
    assert seen["counts"]["relayed"] == 70
    assert await world.violations() == 0
    assert await world.missed(campaign) == {}


async def test_what_preflight_predicts_is_what_happens(world: World) -> None:
    await world.account("bot", limits=[{"scope": "account", "count": 5, "per_seconds": 10}])
    await world.groups(*(_telegram(number) for number in range(12)))
    draft = await world.draft(pacing={"min_gap_s": 0.1, "max_gap_s": 0.5})
    expected = await world.call("POST", f"/campaigns/{draft}/preflight")
    [lane] = expected["lanes"]
    assert lane["bound_by"] == "5 per 10 s per account"
    assert expected["blockers"] == []
    await world.call("POST", f"/campaigns/{draft}/launch", status=202)
    await world.work()
    await world.forward(seconds=32, step=0.4)
    assert (await world.campaign(draft))["status"] == "finished"
    deliveries = await world.call("GET", f"/campaigns/{draft}/deliveries", params={"limit": 200})
    last = max(one["sent_at"] for one in deliveries["items"])
    assert abs((_moment(last) - _moment(expected["finish_at"])).total_seconds()) < 2
    assert await world.violations() == 0


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_quiet_hours_hold_a_post_until_the_groups_own_morning(world: World) -> None:
    await world.account("bot")
    await world.groups(_telegram(1, timezone="Asia/Tokyo"), _telegram(2, timezone="America/New_York"), _telegram(3))
    campaign = await world.launch()  # 09:00 UTC: 18:00 in Tokyo, 04:00 in New York
    assert await world.posts(TEXT) == ["-1001", "-1003"]
    relays = await world.relays(campaign)
    assert relays["T2"]["state"] == "planned"
    await world.forward(minutes=3 * 60 + 59, step=600)
    assert await world.posts(TEXT) == ["-1001", "-1003"]
    await world.forward(minutes=2)
    assert await world.posts(TEXT) == ["-1001", "-1002", "-1003"]


async def test_a_post_that_was_held_into_the_night_waits_for_the_morning(world: World) -> None:
    await world.account("bot")
    await world.groups(_telegram(1, timezone="Asia/Shanghai"))  # 09:00 UTC is 17:00 there
    draft = await world.draft(relay_minutes=24 * 60)
    await world.call("POST", "/stop")
    await world.call("POST", f"/campaigns/{draft}/launch", status=202)
    await world.forward(minutes=5.5 * 60, step=1800)
    await world.call("POST", "/start")
    await world.forward(minutes=10)
    assert await world.posts(TEXT) == []
    [delivery] = (await world.call("GET", f"/campaigns/{draft}/deliveries"))["items"]
    assert "quiet hours" in (await world.call("GET", f"/deliveries/{delivery['id']}/why"))["why"]
    await world.forward(minutes=10 * 60, step=1800)
    assert await world.posts(TEXT) == ["-1001"]


async def test_an_incident_does_not_wait_for_the_morning(world: World) -> None:
    await world.account("bot")
    await world.groups(_telegram(2, timezone="America/New_York"))
    await world.launch(priority="incident")
    assert await world.posts(TEXT) == ["-1002"]


async def test_a_scheduled_campaign_starts_at_its_hour(world: World) -> None:
    await world.account("bot")
    await world.groups(_telegram(1))
    campaign = await world.launch(send_at=(T0 + timedelta(minutes=30)).isoformat())
    assert (await world.campaign(campaign))["status"] == "scheduled"
    await world.forward(minutes=29)
    assert await world.posts(TEXT) == []
    await world.forward(minutes=2)
    assert await world.posts(TEXT) == ["-1001"]
    assert (await world.campaign(campaign))["status"] == "finished"


async def test_a_lost_answer_is_uncertain_where_no_key_helps_and_one_post_where_one_does(world: World) -> None:
    await world.groups(
        {"group": "robot", "platform": "wecom", "address": world.wecom("key-00000001")},
        {"group": "hook", "platform": "webhook", "address": world.webhook("hook1")},
    )
    for platform in ("wecom", "webhook"):
        await world.sim.post("/_sim/faults", json={"platform": platform, "kind": "drop_after_accept"})
    campaign = await world.launch()
    await world.forward(minutes=5)
    assert await world.posts(TEXT) == ["hook1", "key-00000001"]
    relays = await world.relays(campaign)
    assert relays["hook"]["state"] == "relayed"
    assert relays["robot"]["state"] == "uncertain"
    assert (await world.campaign(campaign))["status"] == "running"
    row = (await world.missed(campaign))["robot"]
    assert row["state"] == "uncertain"
    [delivery] = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    path = f"/deliveries/{delivery['id']}/resolve"
    await world.call("POST", path, json={"outcome": "sent", "note": "I see it in the group"})
    await world.call("POST", path, json={"outcome": "not_sent"}, status=409)
    assert (await world.campaign(campaign))["status"] == "finished"
    assert await world.posts(TEXT) == ["hook1", "key-00000001"]


async def test_a_post_found_not_sent_is_sent_again(world: World) -> None:
    await world.groups({"group": "robot", "platform": "wecom", "address": world.wecom("key-00000001")})
    await world.sim.post("/_sim/faults", json={"platform": "wecom", "kind": "reset"})
    campaign = await world.launch()
    [delivery] = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    assert await world.posts(TEXT) == []
    await world.call("POST", f"/deliveries/{delivery['id']}/resolve", json={"outcome": "not_sent", "note": "looked"})
    await world.forward(seconds=2, step=1)
    assert await world.posts(TEXT) == ["key-00000001"]


async def test_pause_and_the_kill_switch_hold_everything_and_lose_nothing(world: World) -> None:
    await world.account("bot", limits=[{"scope": "account", "count": 1, "per_seconds": 10}])
    await world.groups(*(_telegram(number) for number in range(4)))
    campaign = await world.launch()
    assert len(await world.posts(TEXT)) == 1
    await world.call("POST", f"/campaigns/{campaign}/pause")
    await world.forward(minutes=2)
    assert len(await world.posts(TEXT)) == 1
    await world.call("POST", f"/campaigns/{campaign}/resume")
    await world.forward(seconds=11, step=1)
    assert len(await world.posts(TEXT)) > 1
    await world.call("POST", "/stop")
    before = len(await world.posts(TEXT))
    await world.forward(minutes=2)
    assert len(await world.posts(TEXT)) == before
    await world.call("POST", "/start")
    await world.forward(minutes=1, step=5)
    assert len(await world.posts(TEXT)) == 4
    assert (await world.campaign(campaign))["status"] == "finished"


async def test_a_cancelled_campaign_sends_no_more_and_says_so_per_group(world: World) -> None:
    await world.account("bot", limits=[{"scope": "account", "count": 1, "per_seconds": 10}])
    await world.groups(*(_telegram(number) for number in range(4)))
    campaign = await world.launch()
    await world.call("POST", f"/campaigns/{campaign}/cancel")
    await world.call("POST", f"/campaigns/{campaign}/cancel")
    await world.forward(minutes=2)
    assert len(await world.posts(TEXT)) == 1
    counts = (await world.campaign(campaign))["counts"]
    assert (counts["relayed"], counts["cancelled"]) == (1, 3)


async def test_a_kicked_bot_fails_its_group_alone_and_a_moved_chat_is_followed(world: World) -> None:
    await world.account("bot")
    await world.groups(*(_telegram(number) for number in range(3)))
    await world.sim.post("/_sim/targets", json={"platform": "telegram", "target": "-1000", "state": "kicked"})
    moved = {"platform": "telegram", "target": "-1001", "state": "migrated", "migrate_to": -100555}
    await world.sim.post("/_sim/targets", json=moved)
    campaign = await world.launch()
    await world.forward(seconds=10, step=1)
    assert await world.posts(TEXT) == ["-1002", "-100555"]
    assert "kicked" in (await world.missed(campaign))["T0"]["reason"]


async def test_what_is_too_late_is_never_sent(world: World) -> None:
    await world.account("bot", limits=[{"scope": "account", "count": 1, "per_seconds": 600}])
    await world.groups(*(_telegram(number) for number in range(3)))
    draft = await world.draft(relay_minutes=5)
    warned = await world.call("POST", f"/campaigns/{draft}/preflight")
    assert [finding["groups"] for finding in warned["warnings"] if finding["code"] == "past_deadline"] == [2]
    await world.call("POST", f"/campaigns/{draft}/launch", status=202)
    await world.work()
    await world.forward(minutes=30)
    assert len(await world.posts(TEXT)) == 1
    assert len(await world.missed(draft)) == 2
    assert (await world.campaign(draft))["status"] == "finished"


async def test_a_throttled_chat_waits_as_told_and_costs_no_try(world: World) -> None:
    await world.groups({"group": "robot", "platform": "wecom", "address": world.wecom("key-00000001")})
    await world.sim.post("/_sim/faults", json={"platform": "wecom", "kind": "throttle", "times": 5})
    campaign = await world.launch()
    await world.forward(minutes=10)
    assert await world.posts(TEXT) == ["key-00000001"]
    [delivery] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    assert (delivery["state"], delivery["tries"]) == ("sent", 1)
