"""The leader's page over HTTP: looking changes nothing, a press is recorded once, and a stranger learns nothing."""

import asyncio
import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from app.core import journal
from app.core.audit import AuditEntry
from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.campaigns.states import State as Control
from app.domain.links import service as links
from app.domain.relays.states import Evidence, State
from app.domain.relays.tables import Relay
from tests.builders import relays as build
from tests.builders.relays import Handed, handed

FORM = {"content-type": "application/x-www-form-urlencoded"}
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


async def _rows(world: Handed) -> list[Any]:
    async with world.db.read() as tx:
        relays = await tx.all(select(Relay))
        return [
            *sorted((each.model_dump() for each in relays), key=lambda row: str(row["id"])),
            len(await journal.since(tx, world.campaign_id, 0)),
            len(await world.said()),
            len(await tx.all(select(AuditEntry))),
        ]


def _press(world: Handed, place: int = 0, base: str = "/r") -> str:
    return f"{base}/{world.token}/relays/{world.relays[place]}"


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
        await client.post(_press(world), data={"action": "done"}),
        await client.post(_press(world), json={"action": "done"}),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; img-src 'self' data:; "
            "frame-ancestors 'none'; base-uri 'none'"
        )


async def test_the_title_that_becomes_a_preview_card_holds_no_word_of_a_customer(
    client: httpx.AsyncClient, world: Handed
) -> None:
    page = await client.get(f"/r/{world.token}")
    assert re.findall(r"<title>(.*?)</title>", page.text) == ["群转发任务 · Muster"]
    assert "<meta property" not in page.text


async def test_looking_a_thousand_times_changes_nothing(client: httpx.AsyncClient, world: Handed) -> None:
    before = await _rows(world)
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
        _press(world),
        f"/r/{world.token}/all",
        _press(world, base="/hooks/ack"),
        f"/hooks/ack/{world.token}/all",
    ):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
            assert (await client.request(method, path, params={"action": "done"})).status_code in (404, 405)
    assert await _rows(world) == before


async def test_a_form_leads_back_to_the_page_which_says_what_was_recorded(
    client: httpx.AsyncClient, world: Handed
) -> None:
    answer = await client.post(_press(world), data={"action": "done", "lang": "zh"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/r/{world.token}?lang=zh&said={world.relays[0]}"
    page = await client.get(answer.headers["location"])
    assert "“朝阳一群”：已记为发送，谢谢！" in page.text
    assert "已完成 1 / 3 个群" in page.text
    assert (await world.relay()).state is State.RELAYED
    assert (await world.relay(1)).state is State.ASSIGNED


async def test_no_parameter_bends_the_way_back(client: httpx.AsyncClient, world: Handed) -> None:
    elsewhere = "https://evil.example/"
    for extra in ({"next": elsewhere}, {"lang": elsewhere}):
        answer = await client.post(
            _press(world), data={"action": "done", **extra}, params={"next": elsewhere, "said": elsewhere}
        )
        assert "evil" not in answer.headers.get("location", "")
    for said in (elsewhere, "<script>", world.relays[0], "all"):
        page = await client.get(f"/r/{world.token}", params={"said": said, "lang": elsewhere})
        assert "evil" not in page.text
        assert 'role="status"' not in page.text or said == world.relays[0]


async def test_the_page_never_claims_what_the_ledger_does_not_say(client: httpx.AsyncClient, world: Handed) -> None:
    page = await client.get(f"/r/{world.token}", params={"said": world.relays[0]})
    assert 'role="status"' not in page.text


async def test_json_is_answered_as_json(client: httpx.AsyncClient, world: Handed) -> None:
    for base in ("/r", "/hooks/ack"):
        place = 0 if base == "/r" else 1
        first = await client.post(_press(world, place, base), json={"action": "done"})
        again = await client.post(_press(world, place, base), json={"action": "done"})
        assert (first.status_code, again.status_code) == (200, 200)
        expected = {"id": world.relays[place], "state": "relayed", "late": False}
        assert first.json() == {**expected, "changed": True}
        assert again.json() == {**expected, "changed": False}


async def test_machines_read_the_same_page_as_json(client: httpx.AsyncClient, world: Handed) -> None:
    await world.put(2, state=State.RELAYED, late=True)
    page = (await client.get(f"/hooks/ack/{world.token}")).json()
    assert page["campaign"] == {"id": world.campaign_id, "title": "春季运动会通知", "state": "running"}
    assert page["leader"] == {"id": world.leader_id, "name": "李梅", "language": "zh"}
    assert [(each["group"], each["state"], each["late"]) for each in page["relays"]][-1] == (
        "望京跑步群",
        "relayed",
        True,
    )
    assert page["relays"][0]["text"] == build.TEXT
    assert page["relays"][0]["deadline_at"] == "2026-03-02T11:00:00Z"
    assert {each["id"] for each in page["relays"]} == set(world.relays)


async def test_all_done_for_people_and_for_machines(client: httpx.AsyncClient, world: Handed, db: Database) -> None:
    answer = await client.post(f"/r/{world.token}/all", data={"action": "done", "relays": world.relays[:2]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/r/{world.token}?")
    assert [(await world.relay(place)).state.value for place in range(3)] == ["relayed", "relayed", "assigned"]
    other = await handed(db, name="王强")
    answered = await client.post(f"/hooks/ack/{other.token}/all", json={"action": "done"})
    assert answered.json()["changed"] == 3
    assert {each["state"] for each in answered.json()["relays"]} == {"relayed"}


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
    await world.put(1, route="bot", state=State.POSTING)
    page = (await client.get(f"/r/{world.token}")).text
    assert [name in page for name in ("朝阳一群", "朝阳二群", "望京跑步群")] == [False, False, True]
    assert (await client.post(_press(world, 0), json={"action": "done"})).status_code == 409
    refused = await client.post(_press(world, 1), data={"action": "done"}, headers={"accept-language": "en"})
    assert refused.status_code == 409
    assert f'href="/r/{world.token}"' in refused.text


async def test_when_the_deadline_has_passed_the_page_says_that_late_still_counts(
    client: httpx.AsyncClient, world: Handed, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=3))
    page = (await client.get(f"/r/{world.token}")).text
    assert "已过截止时间" in page
    assert "现在发仍然算数" in page
    answer = await client.post(_press(world), json={"action": "done"})
    assert answer.json()["late"] is True


async def test_cannot_takes_a_reason_from_a_button_or_in_own_words(client: httpx.AsyncClient, world: Handed) -> None:
    for place, sent in enumerate(
        (
            {"reason": "group_dissolved", "words": "x"},
            {"reason": "other", "words": " 手机坏了 "},
            {"reason": "other", "words": ""},
        )
    ):
        assert (await client.post(_press(world, place), data=sent)).status_code == 303
    assert [(await world.relay(place)).reason for place in range(3)] == ["group_dissolved", "手机坏了", "other"]
    page = await client.get(f"/r/{world.token}?said={world.relays[1]}")
    assert "手机坏了" in page.text
    assert "“朝阳二群”：已记为发不了" in page.text


async def test_the_words_field_never_turns_done_into_cannot(client: httpx.AsyncClient, world: Handed) -> None:
    await client.post(_press(world), data={"action": "done", "words": "half a sentence"})
    assert (await world.relay()).state is State.RELAYED


async def test_a_proof_is_kept(client: httpx.AsyncClient, world: Handed) -> None:
    await client.post(_press(world), json={"action": "done", "proof": "https://chat.example/42"})
    assert (await world.relay()).evidence is Evidence.PROOF


@pytest.mark.parametrize(
    "body",
    [
        {"action": "confirm"},
        {"action": None},
        {},
        [],
        {"action": "done", "extra": 1},
        {"action": "cannot", "reason": "x" * 501},
        {"action": "cannot", "reason": "a\x00b"},
        {"action": "done", "proof": 7},
    ],
)
async def test_bad_input_is_refused_as_such(client: httpx.AsyncClient, world: Handed, body: Any) -> None:
    before = await _rows(world)
    for base in ("/r", "/hooks/ack"):
        answer = await client.post(_press(world, base=base), json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await _rows(world) == before


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff\xfe", b'{"action": "cannot", "reason": "\\ud800"}', b"[" * 50_000, b"1e999"]
)
async def test_broken_json_is_refused_as_such(client: httpx.AsyncClient, world: Handed, raw: bytes) -> None:
    for base in ("/r", "/hooks/ack"):
        answer = await client.post(_press(world, base=base), content=raw, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "sent",
    [
        "action=nonsense",
        "",
        "action=done&action=nonsense",
        "reason=" + "x" * 600,
        "action=done&proof=%00",
        "action=cannot&reason=%ED%A0%80",
    ],
)
async def test_a_bad_form_gets_a_page_or_is_harmless(client: httpx.AsyncClient, world: Handed, sent: str) -> None:
    answer = await client.post(_press(world), content=sent, headers=FORM)
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert "这一步没有记录" in answer.text


async def test_unknown_forged_expired_and_revoked_links_get_one_and_the_same_answer(
    client: httpx.AsyncClient, world: Handed, db: Database, clock: ManualClock, app: FastAPI
) -> None:
    common = {"campaign_id": world.campaign_id, "leader_id": world.leader_id}
    short = await build.link(db, world.center_id, **common, hours=1)
    revoked = await build.link(db, world.center_id, **common)
    async with db.write() as tx:
        await links.revoke(tx, world.campaign_id, world.leader_id)
    living = await build.link(db, world.center_id, **common)
    clock.advance(timedelta(hours=2))
    forged = living[:-1] + ("a" if living[-1] != "a" else "b")
    bad = ["nobody", forged, short, revoked, living.upper(), "mk_" + living[3:], "%00", "x" * 3000]
    for base in ("/r", "/hooks/ack"):
        answers = []
        for token in bad:
            app.state.noise = None
            answers.append(await client.get(f"{base}/{token}"))
            answers.append(await client.get(f"{base}/{token}", headers={"user-agent": PREVIEWS[0]}))
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
        assert not any(token in answers[0].text for token in bad[:7])
    assert (await client.get(f"/r/{living}")).status_code == 200


async def test_each_flipped_character_of_a_token_opens_nothing(
    client: httpx.AsyncClient, world: Handed, app: FastAPI
) -> None:
    for place, letter in enumerate(world.token):
        app.state.noise = None
        flipped = world.token[:place] + ("x" if letter != "x" else "y") + world.token[place + 1 :]
        answer = await client.post(f"/r/{flipped}/relays/{world.relays[0]}", json={"action": "done"})
        assert answer.status_code == 404, place
    assert (await world.relay()).state is State.ASSIGNED


@pytest.mark.parametrize("glued", [")", ".", "，", "。", ">", "，请尽快转发", "%29"])
async def test_what_a_chat_program_glues_on_is_forgiven(client: httpx.AsyncClient, world: Handed, glued: str) -> None:
    page = await client.get(f"/r/{world.token}{glued}")
    assert page.status_code == 200
    assert f'action="/r/{world.token}/relays/' in page.text
    answer = await client.post(f"/r/{world.token}{glued}/all", data={"action": "done"})
    assert answer.headers["location"].startswith(f"/r/{world.token}?")


async def test_another_leaders_relay_looks_like_no_link_at_all(
    client: httpx.AsyncClient, world: Handed, db: Database
) -> None:
    other = await handed(db, name="王强")
    foreign = await client.post(f"/r/{world.token}/relays/{other.relays[0]}", data={"action": "done"})
    nobody = await client.post(f"/r/nobody/relays/{other.relays[0]}", data={"action": "done"})
    strange = await client.post(f"/r/{world.token}/relays/%00'--", data={"action": "done"})
    assert foreign.status_code == nobody.status_code == strange.status_code == 404
    assert foreign.content == nobody.content == strange.content
    assert (await other.relay()).state is State.ASSIGNED


async def test_a_cancelled_campaign_tells_people_and_machines(client: httpx.AsyncClient, world: Handed) -> None:
    await world.control(Control.CANCELLED)
    page = await client.get(f"/r/{world.token}")
    assert page.status_code == 200
    assert "这次转发已取消" in page.text
    assert "<form" not in page.text
    pressed = await client.post(_press(world), data={"action": "done"})
    assert pressed.status_code == 410
    assert "不用再发了" in pressed.text
    for path in (
        _press(world, base="/hooks/ack"),
        f"/hooks/ack/{world.token}/all",
        _press(world),
        f"/r/{world.token}/all",
    ):
        told = await client.post(path, json={"action": "done"})
        assert (told.status_code, told.json()["code"]) == (410, "campaign_cancelled")


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://muster.test"}, True),
        ({"origin": "http://muster.test:80@evil.example"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "Cross-Site", "origin": "http://muster.test"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://muster.test.evil.example"}, False),
    ],
)
async def test_other_websites_cannot_press_for_the_leader(
    client: httpx.AsyncClient, world: Handed, headers: dict[str, str], allowed: bool
) -> None:
    bodies: list[dict[str, Any]] = [{"data": {"action": "done"}}, {"json": {"action": "done"}}]
    for path in (
        _press(world),
        _press(world, base="/hooks/ack"),
        f"/r/{world.token}/all",
        f"/hooks/ack/{world.token}/all",
    ):
        for body in bodies:
            if "hooks" in path and "data" in body:
                continue
            answer = await client.post(path, headers=headers, **body)
            assert (answer.status_code in (200, 303)) is allowed, (path, answer.text)
            assert allowed or answer.status_code == 403
    assert ((await world.relay()).state is State.RELAYED) is allowed


async def test_guessing_is_slowed_down_per_address_and_never_in_the_way_of_a_real_link(
    client: httpx.AsyncClient, world: Handed, clock: ManualClock
) -> None:
    got = [(await client.get("/r/nobody")).status_code for _ in range(12)]
    assert got == [404] * 10 + [429] * 2
    slowed = await client.get("/r/nobody")
    assert slowed.headers["retry-after"] == "60"
    assert (await client.get("/hooks/ack/nobody")).status_code == 429
    assert (await client.get(f"/r/{world.token}")).status_code == 200
    clock.advance(timedelta(seconds=61))
    assert (await client.get("/r/nobody")).status_code == 404


XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg onload=alert(1)>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "' autofocus onfocus=alert(1) x='",
    "</title><script>alert(1)</script>",
    "javascript:alert(1)",
    "&lt;b&gt; & <b>",
    "{leader} {0} {x.__class__}",
)


@pytest.mark.parametrize("hostile", XSS)
async def test_hostile_words_are_shown_as_words(client: httpx.AsyncClient, db: Database, hostile: str) -> None:
    world = await handed(db, [f"{hostile}群", "b"], name=hostile, center_name=hostile, title=hostile, text=hostile)
    await world.put(1, state=State.FAILED, reason=hostile)
    pages = [await client.get(f"/r/{world.token}")]
    await client.post(_press(world), data={"action": "done"})
    pages.append(await client.get(f"/r/{world.token}?said={world.relays[0]}"))
    for page in pages:
        assert set(re.findall(r"<([a-z0-9]+)", page.text)) <= TAGS
        assert not re.search(r"<[^>]*\son\w+=", page.text)
        assert hostile in html.unescape(page.text)
    assert html.unescape(pages[0].text).count(f"\n{hostile}</textarea>") == 1


TAGS = set(
    re.findall(
        r"\w+",
        "html head meta title link script body svg symbol circle path use header span a main p section h1 h2 bdi label "
        "progress b small strong details summary form input textarea button div ul li footer noscript",
    )
)


async def test_a_text_keeps_every_line_including_an_empty_first_one(client: httpx.AsyncClient, db: Database) -> None:
    text = "\n\n第二行\n  缩进\n"
    world = await handed(db, ["群"], text=text)
    page = (await client.get(f"/r/{world.token}")).text
    found = re.search(r"<textarea class=\"text\"[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    assert found.group(1) == text


@pytest.mark.parametrize(
    ("language", "accept", "chosen", "expected"),
    [
        ("zh", "en", "", "zh-CN"),
        ("en-GB", "zh", "", "en"),
        ("zh_Hant", "en", "", "zh-CN"),
        (None, "fr, en;q=0.8, zh;q=0.5", "", "en"),
        (None, "fr", "", "zh-CN"),
        (None, ";;;q=x,en;q=nan,en;q=0,,", "", "zh-CN"),
        ("fr", "en", "", "en"),
        ("zh", "zh", "?lang=en", "en"),
        ("en", "en", "?lang=zh", "zh-CN"),
        ("en", "zh", "?lang=xx", "en"),
    ],
)
async def test_the_language_is_chosen_then_the_leaders_then_the_browsers_then_chinese(
    client: httpx.AsyncClient, db: Database, *, language: str | None, accept: str, chosen: str, expected: str
) -> None:
    world = await handed(db, language=language)
    page = await client.get(f"/r/{world.token}{chosen}", headers={"accept-language": accept})
    assert f'<html lang="{expected}">' in page.text


async def test_forty_groups_fit_into_one_hundred_kilobytes(client: httpx.AsyncClient, db: Database) -> None:
    world = await handed(db, [f"朝阳区春季运动会家长交流{number}群" for number in range(40)], text="字" * 300)
    plain = await client.get(f"/r/{world.token}", headers={"accept-encoding": "identity"})
    assert plain.text.count('class="card"') == 40
    assert len(plain.content) < 100_000
    packed = await client.get(f"/r/{world.token}", headers={"accept-encoding": "gzip"})
    assert int(packed.headers["content-length"]) < 14_000, "the first ten packets of a connection"
    assert packed.text == plain.text


async def test_static_files_are_versioned_and_kept(client: httpx.AsyncClient, world: Handed) -> None:
    page = (await client.get(f"/r/{world.token}")).text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(files) == 3
    for file in files:
        answer = await client.get(html.unescape(file))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert len(answer.content) < 12_000
        stale = await client.get(file.split("?")[0] + "?v=old")
        assert "immutable" not in stale.headers.get("cache-control", "")


async def test_nothing_on_the_page_needs_what_its_policy_forbids(client: httpx.AsyncClient, world: Handed) -> None:
    page = (await client.get(f"/r/{world.token}")).text
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|https?://", page)
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


async def test_behind_a_proxy_with_a_path_the_page_stays_under_it(
    db: Database, world: Handed, tmp_path: Any, app_on: Callable[..., Any]
) -> None:
    async with app_on("https://chat.example/muster/") as client:
        page = await client.get(f"/r/{world.token}")
        assert f'action="/muster/r/{world.token}/relays/' in page.text
        answer = await client.post(_press(world), data={"action": "done"})
        assert answer.headers["location"].startswith(f"/muster/r/{world.token}?")
