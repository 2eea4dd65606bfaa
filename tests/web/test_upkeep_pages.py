"""What a group and a leader have behind them, on their pages; who is asked to answer for a group, and a changed state
with its reason."""

import re

import httpx
import pytest

from app.domain.access.states import Role
from app.domain.relays.states import State
from tests.builders.board import Operator, key_of
from tests.builders.relays import Handed


@pytest.fixture
async def desk(client: httpx.AsyncClient, world: Handed) -> Operator:
    found = Operator(client)
    await found.sign_in(await key_of(world.db, world.center_id, Role.OPERATOR))
    return found


async def test_a_group_tells_what_reached_it(desk: Operator, world: Handed) -> None:
    await world.put(0, state=State.RELAYED, late=True)
    group = (await world.relay(0)).group_id
    page = await desk.page(f"/groups/{group}")
    assert (f"/relays/{world.relays[0]}" in page, "春季运动会通知" in page, "已送达（晚）" in page) == (
        True,
        True,
        True,
    )
    assert (await desk.look(f"/groups/{group}?cursor=nonsense")).status_code == 422


async def test_a_leader_tells_what_he_was_asked_for(desk: Operator, world: Handed) -> None:
    page = await desk.page(f"/leaders/{world.leader_id}")
    assert "认得他的手机：0 部" in page
    enrolled = await desk.client.post(f"/r/{world.token}/phone")
    assert enrolled.status_code == 303
    assert "认得他的手机：1 部" in await desk.page(f"/leaders/{world.leader_id}")


async def test_somebody_is_invited_once_and_the_link_is_shown_once(desk: Operator, world: Handed) -> None:
    group = (await world.relay(0)).group_id
    here = f"/groups/{group}"
    wrong = await desk.press(f"{here}/invitations", person="", contact="pigeon:1")
    assert (wrong.status_code, 'id="wrong-person"' in wrong.text, 'id="wrong-contact"' in wrong.text) == (
        422,
        True,
        True,
    )
    made = await desk.press(f"{here}/invitations", person="阿杰", contact="", first="true")
    link = re.findall(r"http://muster\.test/i/\S+?(?=<)", made.text)[0]
    page = await desk.page(here)
    assert ("阿杰" in page, "等他回答" in page, link in page) == (True, True, False)
    path = link.removeprefix("http://muster.test")
    assert (await desk.client.get(path)).status_code == 200
    withdraw = re.findall(r"/invitations/inv_\w+/ask/withdraw", page)[0]
    assert "链接立刻失效" in await desk.page(withdraw)
    await desk.press(withdraw.replace("/ask/", "/"))
    assert "已收回" in await desk.page(here)
    assert (await desk.client.get(path)).status_code == 404


async def test_a_groups_state_changes_with_a_reason(desk: Operator, world: Handed) -> None:
    group = (await world.relay(0)).group_id
    form = {"name": "朝阳一群", "branch": "", "tags": "", "language": "", "timezone": ""}
    answer = await desk.press(f"/groups/{group}", **form, status="dormant", reason="暑假停用")
    assert answer.status_code == 303
    assert "暑假停用" in await desk.page(f"/groups/{group}")


async def test_who_only_reads_is_offered_no_invitation(client: httpx.AsyncClient, world: Handed) -> None:
    viewer = Operator(client)
    await viewer.sign_in(await key_of(world.db, world.center_id, Role.VIEWER))
    group = (await world.relay(0)).group_id
    assert "/invitations" not in await viewer.page(f"/groups/{group}")
    assert (await viewer.press(f"/groups/{group}/invitations", person="x")).status_code == 403
