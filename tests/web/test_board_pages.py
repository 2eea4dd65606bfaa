"""The board as markup: what each role sees, under which path, and never another center's."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import httpx
import pytest

from app.core.clock import ManualClock
from app.domain.access.states import Role
from app.domain.relays.states import State
from tests.builders.board import HTML, Operator, key_of, uncertain
from tests.builders.relays import Handed, handed

AppOn = Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]


async def at_desk(client: httpx.AsyncClient, world: Handed, role: Role = Role.OPERATOR) -> Operator:
    operator = Operator(client)
    await operator.sign_in(await key_of(world.db, world.center_id, role))
    return operator


def paths(world: Handed, delivery: str) -> list[str]:
    here = f"/campaigns/{world.campaign_id}"
    tabs = [here + tab for tab in ("", "/missed", "/relays?state=missed&q=群", "/deliveries", "/lanes")]
    return ["/", "/campaigns", *tabs, f"/relays/{world.relays[1]}", f"/deliveries/{delivery}"]


@pytest.mark.parametrize(("role", "acts"), [(Role.VIEWER, False), (Role.APPROVER, False), (Role.OPERATOR, True)])
async def test_buttons_are_shown_to_those_who_may_press_them(
    client: httpx.AsyncClient, world: Handed, role: Role, acts: bool
) -> None:
    delivery = await uncertain(world)
    await world.put(1, state=State.MISSED)
    operator = await at_desk(client, world, role)
    pages = {path: await operator.page(path) for path in paths(world, delivery)}
    everything = "".join(pages.values())
    for button in ("/ask/pause", "/resolve", f"{world.relays[1]}/act"):
        assert (button in everything) == acts, button
    assert ("/ask/stop" in everything) == (role is not Role.VIEWER)


async def test_nobody_sees_another_centers_campaign(client: httpx.AsyncClient, world: Handed) -> None:
    delivery = await uncertain(world)
    stranger = await at_desk(client, await handed(world.db, center_name="别处"))
    for path in paths(world, delivery)[2:]:
        assert (await stranger.look(path)).status_code == 404, path
    for verb in ("pause", "resume", "cancel"):
        assert (await stranger.press(f"/campaigns/{world.campaign_id}/{verb}")).status_code == 404
    assert (await stranger.press(f"/deliveries/{delivery}/resolve", outcome="sent")).status_code == 404
    assert (await stranger.press(f"/relays/{world.relays[0]}/done")).status_code == 404
    assert (await stranger.look(f"/campaigns/{world.campaign_id}/live")).status_code == 404


async def test_looking_changes_nothing(client: httpx.AsyncClient, world: Handed, clock: ManualClock) -> None:
    delivery = await uncertain(world)
    operator = await at_desk(client, world)
    before = await world.everything()
    for path in [*paths(world, delivery), f"/campaigns/{world.campaign_id}/ask/cancel", "/ask/stop"]:
        await operator.page(path)
    assert await world.everything() == before


async def test_a_relays_story_is_told_from_its_beginning(client: httpx.AsyncClient, world: Handed) -> None:
    for action in ("acknowledge", "done"):
        await client.post(world.press(0), data={"action": action})
    operator = await at_desk(client, world)
    page = await operator.page(f"/relays/{world.relays[0]}")
    story = " ".join(re.sub(r"<[^>]+>", " ", page.partition('class="story"')[2]).split())
    told = [story.index(words) for words in ("群 负责人已收到 负责人 李梅", "群 已送达 负责人 李梅")]
    assert told == sorted(told)


async def test_under_a_path_every_address_begins_with_it(app_on: AppOn, world: Handed) -> None:
    delivery = await uncertain(world)
    async with app_on("http://muster.example/board") as client:
        operator = await at_desk(client, world)
        for path in paths(world, delivery):
            page = await operator.page(path)
            found = re.findall(r'(?:href|src|action|hx-get|hx-sse:connect)="([^"#?][^"]*)"', page)
            assert len(found) > 8
            assert [one for one in found if not one.startswith("/board/")] == [], path


async def test_times_are_said_on_the_readers_clock(
    client: httpx.AsyncClient, world: Handed, clock: ManualClock
) -> None:
    operator = await at_desk(client, world)
    page = f"/relays/{world.relays[0]}"
    due = clock.now() + timedelta(hours=2)
    for zone, shown in (("Asia%2FShanghai", 8), ("Asia/Shanghai", 8), ("Not/AZone", 8), ("UTC", 0)):
        client.cookies.set("muster_tz", zone, domain="muster.test", path="/")
        text = await operator.page(page)
        assert f"今天 {due + timedelta(hours=shown):%H:%M}" in text
        assert f'title="世界时 {due:%Y-%m-%d %H:%M:%S}"' in text


async def test_odd_questions_are_answered_or_refused_as_pages(client: httpx.AsyncClient, world: Handed) -> None:
    operator = await at_desk(client, world)
    here = f"/campaigns/{world.campaign_id}"
    for path, status in (
        (f"{here}/relays?state=nonsense&branch=brn_x&q=%00%25", 200),
        (f"{here}/relays?cursor=nonsense", 422),
        (f"{here}/live?after=x", 422),
        (f"{here}/ask/explode", 404),
        (f"{here}/tree/brn_none", 404),
        ("/campaigns/%00", 404),
    ):
        answer = await operator.look(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        assert "text/html" in answer.headers["content-type"], path
    answer = await client.post("/deliveries/dlv_0/resolve", content=b"\xff", headers=HTML)
    assert answer.status_code == 403
