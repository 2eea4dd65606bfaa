"""Who must stay out: forged and old links, other leaders, other websites, endless guessing."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.links import service as links
from app.domain.relays.states import State
from tests.builders import relays as build
from tests.builders.relays import Handed, handed


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
            answers.append(await client.get(f"{base}/{token}", headers={"user-agent": "TelegramBot (like TwitterBot)"}))
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
        world.press(),
        world.press(base="/hooks/ack"),
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
