"""The leader's page over HTTP: what it shows in every state, and that looking changes nothing."""

import asyncio
import html
import re
from datetime import timedelta

import httpx

from app.core.clock import ManualClock
from app.domain.campaigns.states import State as Control
from app.domain.relays.states import State
from tests.builders import relays as build
from tests.builders.relays import Handed

PREVIEWS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "WhatsApp/2.24.1",
    "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/microapp/faquestions/ftpfeu)",
    "Mattermost-Bot/1.1",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (Linux; Android 10) MicroMessenger/8.0.47 wxwork/4.1",
)


async def test_the_page_shows_each_open_group_with_its_finished_text(client: httpx.AsyncClient, world: Handed) -> None:
    page = await client.get(f"/r/{world.token}")
    assert page.status_code == 200
    for word in ("李梅", "春季运动会通知", "阳光社区", "朝阳一群", "朝阳二群", "望京跑步群", "今天 19:00", "北京时间"):
        assert word in page.text
    assert html.unescape(page.text).count(build.TEXT) == 3
    for relay_id in world.relays:
        assert f'action="/r/{world.token}/relays/{relay_id}"' in page.text
    assert "3 个群都发好了" in page.text
    assert "今天 18:30 还没确认的话" in page.text


async def test_every_answer_carries_the_headers_of_a_private_page(client: httpx.AsyncClient, world: Handed) -> None:
    for answer in (
        await client.get(f"/r/{world.token}"),
        await client.get("/r/nobody"),
        await client.post(world.press(), data={"action": "done"}),
        await client.post(world.press(), json={"action": "done"}),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
            "img-src 'self' data:; "
            "frame-ancestors 'none'; base-uri 'none'"
        )


async def test_the_title_that_becomes_a_preview_card_holds_no_word_of_a_customer(
    client: httpx.AsyncClient, world: Handed
) -> None:
    page = await client.get(f"/r/{world.token}")
    assert re.findall(r"<title>(.*?)</title>", page.text) == ["群转发任务 · Muster"]
    assert "<meta property" not in page.text


async def test_looking_a_thousand_times_changes_nothing(client: httpx.AsyncClient, world: Handed) -> None:
    before = await world.everything()
    first = (await client.get(f"/r/{world.token}")).content

    async def look(number: int) -> None:
        agent = {"user-agent": PREVIEWS[number % len(PREVIEWS)], "sec-purpose": "prefetch;prerender"}
        path = f"/hooks/ack/{world.token}" if number % 10 == 0 else f"/r/{world.token}"
        method = "HEAD" if number % 5 == 1 else "GET"
        answer = await client.request(method, path, headers=agent)
        assert answer.status_code == 200
        assert method == "HEAD" or path.startswith("/hooks") or answer.content == first

    for start in range(0, 1000, 20):
        await asyncio.gather(*(look(number) for number in range(start, start + 20)))
    for path in (
        world.press(),
        f"/r/{world.token}/all",
        world.press(base="/hooks/ack"),
        f"/hooks/ack/{world.token}/all",
    ):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
            assert (await client.request(method, path, params={"action": "done"})).status_code in (404, 405)
    assert await world.everything() == before


async def test_machines_read_the_same_page_as_json(client: httpx.AsyncClient, world: Handed) -> None:
    await world.put(2, state=State.RELAYED, late=True)
    page = (await client.get(f"/hooks/ack/{world.token}")).json()
    assert page["campaign"] == {
        "id": world.campaign_id,
        "title": "春季运动会通知",
        "state": "running",
        "picture": False,
    }
    assert page["leader"] == {"id": world.leader_id, "name": "李梅", "language": "zh"}
    assert [(each["group"], each["state"], each["late"]) for each in page["relays"]][-1] == (
        "望京跑步群",
        "relayed",
        True,
    )
    assert page["relays"][0]["text"] == build.TEXT
    assert page["relays"][0]["deadline_at"] == "2026-03-02T11:00:00Z"
    assert {each["id"] for each in page["relays"]} == set(world.relays)


async def test_every_state_is_shown_in_words(client: httpx.AsyncClient, world: Handed, clock: ManualClock) -> None:
    await world.put(0, state=State.ACKNOWLEDGED)
    await world.put(1, state=State.MISSED, deadline_at=clock.now() - timedelta(minutes=1))
    await world.put(2, state=State.FAILED, reason="travelling")
    page = (await client.get(f"/r/{world.token}?lang=en")).text
    for word in ("You have it", "Past due", "Can&#39;t", "I&#39;m travelling", "I posted it after all", "Settled (1)"):
        assert word in page
    assert page.count('value="acknowledge"') == 0
    await world.put(0, state=State.RELAYED)
    await world.put(1, state=State.RELAYED, late=True)
    page = (await client.get(f"/r/{world.token}?lang=en")).text
    assert "All settled. Thank you!" in page
    assert "Done, late" in page
    await world.put(2, state=State.RELAYED)
    page = (await client.get(f"/r/{world.token}")).text
    assert "全部完成，谢谢你！" in page
    assert 'value="done"' not in page


async def test_a_group_not_yet_handed_over_or_posted_by_an_account_is_not_shown(
    client: httpx.AsyncClient, world: Handed
) -> None:
    await world.put(0, state=State.PLANNED)
    await world.put(1, route="bot", state=State.POSTING, assigned_at=None)
    page = (await client.get(f"/r/{world.token}")).text
    assert [name in page for name in ("朝阳一群", "朝阳二群", "望京跑步群")] == [False, False, True]
    assert (await client.post(world.press(0), json={"action": "done"})).status_code == 409
    refused = await client.post(world.press(1), data={"action": "done"}, headers={"accept-language": "en"})
    assert refused.status_code == 409
    assert f'href="/r/{world.token}"' in refused.text


async def test_when_the_deadline_has_passed_the_page_says_that_late_still_counts(
    client: httpx.AsyncClient, world: Handed, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=3))
    page = (await client.get(f"/r/{world.token}")).text
    assert "已过截止时间" in page
    assert "现在发仍然算数" in page
    answer = await client.post(world.press(), json={"action": "done"})
    assert answer.json()["late"] is True


async def test_a_cancelled_campaign_tells_people_and_machines(client: httpx.AsyncClient, world: Handed) -> None:
    await world.control(Control.CANCELLED)
    page = await client.get(f"/r/{world.token}")
    assert page.status_code == 200
    assert "这次转发已取消" in page.text
    assert "<form" not in page.text
    pressed = await client.post(world.press(), data={"action": "done"})
    assert pressed.status_code == 410
    assert "不用再发了" in pressed.text
    for path in (
        world.press(base="/hooks/ack"),
        f"/hooks/ack/{world.token}/all",
        world.press(),
        f"/r/{world.token}/all",
    ):
        told = await client.post(path, json={"action": "done"})
        assert (told.status_code, told.json()["code"]) == (410, "campaign_cancelled")
