"""Pressing on the leader's page: a form leads back to the page, JSON is answered as JSON, bad input is refused."""

from typing import Any

import httpx
import pytest
from fastapi import Request

from app.core.db import Database
from app.domain.relays.states import Evidence, State
from app.web import pressed
from app.web.said import Said
from tests.builders.relays import Handed, handed

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def test_a_form_leads_back_to_the_page_which_says_what_was_recorded(
    client: httpx.AsyncClient, world: Handed
) -> None:
    answer = await client.post(world.press(), data={"action": "done", "lang": "zh"})
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
            world.press(), data={"action": "done", **extra}, params={"next": elsewhere, "said": elsewhere}
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
        first = await client.post(world.press(place, base=base), json={"action": "done"})
        again = await client.post(world.press(place, base=base), json={"action": "done"})
        assert (first.status_code, again.status_code) == (200, 200)
        expected = {"id": world.relays[place], "state": "relayed", "late": False}
        assert first.json() == {**expected, "changed": True}
        assert again.json() == {**expected, "changed": False}


@pytest.mark.parametrize(("kind", "short"), [("application/json", True), ("application/json; charset=utf-8", False)])
async def test_the_short_way_of_a_press_and_the_long_one_answer_alike(
    client: httpx.AsyncClient, world: Handed, kind: str, short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what says "application/json" and no more is not taken apart by the framework."""
    told, ways = [], []
    look = pressed._said

    async def noted(request: Request) -> Said | None:
        said = await look(request)
        ways.append(said is not None)
        return said

    monkeypatch.setattr(pressed, "_said", noted)
    cross = {"sec-fetch-site": "cross-site"}
    for body, headers in ((b'{"action":"done"}', cross), (b'{"action":"won"}', cross), (b'{"action":"won"}', {})):
        answer = await client.post(
            world.press(base="/hooks/ack"), content=body, headers={"content-type": kind} | headers
        )
        told.append(answer.status_code)
    assert (told, ways) == ([403, 403, 422], [short, False, False])
    assert (await world.relay()).state is State.ASSIGNED
    body = f'{{"action":"done","proof":"{"x" * 500}"}}'.encode()
    answer = await client.post(world.press(base="/hooks/ack"), content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.text == f'{{"id":"{world.relays[0]}","state":"relayed","late":false,"changed":true}}'
    assert answer.headers["cache-control"] == "no-store"
    assert ways[-1] is short
    wide = '{"action":"done"}'.encode("utf-16")
    again = await client.post(world.press(base="/hooks/ack"), content=wide, headers={"content-type": kind})
    assert (again.status_code, again.json()["changed"], ways[-1]) == (200, False, False)


async def test_all_done_for_people_and_for_machines(client: httpx.AsyncClient, world: Handed, db: Database) -> None:
    answer = await client.post(f"/r/{world.token}/all", data={"action": "done", "relays": world.relays[:2]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/r/{world.token}?")
    assert [(await world.relay(place)).state.value for place in range(3)] == ["relayed", "relayed", "assigned"]
    other = await handed(db, name="王强")
    answered = await client.post(f"/hooks/ack/{other.token}/all", json={"action": "done"})
    assert answered.json()["changed"] == 3
    assert {each["state"] for each in answered.json()["relays"]} == {"relayed"}


async def test_cannot_takes_a_reason_from_a_button_or_in_own_words(client: httpx.AsyncClient, world: Handed) -> None:
    for place, sent in enumerate(
        (
            {"reason": "group_dissolved", "words": "x"},
            {"reason": "other", "words": " 手机坏了 "},
            {"reason": "other", "words": ""},
        )
    ):
        assert (await client.post(world.press(place), data=sent)).status_code == 303
    assert [(await world.relay(place)).reason for place in range(3)] == ["group_dissolved", "手机坏了", "other"]
    page = await client.get(f"/r/{world.token}?said={world.relays[1]}")
    assert "手机坏了" in page.text
    assert "“朝阳二群”：已记为发不了" in page.text


async def test_the_words_field_never_turns_done_into_cannot(client: httpx.AsyncClient, world: Handed) -> None:
    await client.post(world.press(), data={"action": "done", "words": "half a sentence"})
    assert (await world.relay()).state is State.RELAYED


async def test_a_proof_is_kept(client: httpx.AsyncClient, world: Handed) -> None:
    await client.post(world.press(), json={"action": "done", "proof": "https://chat.example/42"})
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
    before = await world.everything()
    for base in ("/r", "/hooks/ack"):
        answer = await client.post(world.press(base=base), json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await world.everything() == before


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff\xfe", b'{"action": "cannot", "reason": "\\ud800"}', b"[" * 50_000, b"1e999"]
)
async def test_broken_json_is_refused_as_such(client: httpx.AsyncClient, world: Handed, raw: bytes) -> None:
    for base in ("/r", "/hooks/ack"):
        answer = await client.post(world.press(base=base), content=raw, headers={"content-type": "application/json"})
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
    answer = await client.post(world.press(), content=sent, headers=FORM)
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert "这一步没有记录" in answer.text
