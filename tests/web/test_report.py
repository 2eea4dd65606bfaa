"""The report of a campaign over HTTP: for whoever is signed in, and for whoever has its link."""

import re
from xml.etree import ElementTree

import httpx
import pytest

from app.domain.access.states import Role
from app.domain.relays.states import State
from app.web.poster import cut
from tests.builders.board import HTML, Operator, call_everything, key_of
from tests.builders.relays import Handed
from tests.words import without_secrets

HOSTILE = "<script>alert(1)</script>\"'&]]>"


@pytest.fixture
async def head(client: httpx.AsyncClient, world: Handed) -> Operator:
    operator = Operator(client)
    await operator.sign_in(await key_of(world.db, world.center_id))
    return operator


async def shared(head: Operator, world: Handed, **fields: str) -> str:
    """The path of a fresh link."""
    page = (await head.press(f"/campaigns/{world.campaign_id}/report/share", **fields)).text
    found = re.search(r"http://muster\.test(/s/rp_\w+)", page)
    assert found, page
    return found.group(1)


async def look(path: str, head: Operator, **headers: str) -> httpx.Response:
    head.client.cookies.clear()
    return await head.client.get(path, headers={**HTML, **headers})


async def test_a_report_names_who_did_not_get_it_and_who_was_told(head: Operator, world: Handed) -> None:
    await world.put(0, state=State.MISSED)
    await world.put(1, state=State.FAILED, reason="travelling")
    for path in ("report", "missed/print"):
        page = await head.page(f"/campaigns/{world.campaign_id}/{path}")
        assert all(word in page for word in ("朝阳一群", "朝阳二群", "李梅", "2026-03-02 17:00"))
        assert "望京跑步群" not in page


async def test_the_drawing_is_sound_whatever_things_are_called(head: Operator, world: Handed) -> None:
    await call_everything(world, HOSTILE)
    answer = await head.look(f"/campaigns/{world.campaign_id}/report.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    drawing = ElementTree.fromstring(answer.text)
    assert not list(drawing.iter("{http://www.w3.org/2000/svg}script"))
    assert HOSTILE in "".join(drawing.itertext())


async def test_a_link_shows_the_report_without_a_key_and_changes_nothing(head: Operator, world: Handed) -> None:
    await world.put(0, state=State.FAILED, reason="我住 3 号楼，电话 13800000000")
    await world.put(1, state=State.FAILED, reason="travelling")
    path = await shared(head, world, days="7")
    before = await world.everything()
    for where in (path, f"{path}/report.svg"):
        answer = await look(where, head, **{"Accept-Language": "zh"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    page = (await look(path, head, **{"Accept-Language": "zh"})).text
    assert "朝阳一群" in page
    assert "出门在外" in page
    for hidden in ("李梅", "13800000000", "5001", "form_token", "/relays/", 'href="/campaigns'):
        assert hidden not in page, hidden
    assert (await head.client.post(path, headers=HTML)).status_code == 405
    assert (await head.client.head(path, headers=HTML)).status_code == 200
    assert await world.everything() == before


async def test_with_names_it_says_who_was_told_and_still_no_contact(head: Operator, world: Handed) -> None:
    await world.put(0, state=State.MISSED)
    page = (await look(await shared(head, world, days="1", names="true"), head)).text
    assert "李梅" in page
    assert "5001" not in without_secrets(page)


async def test_a_link_is_listed_and_taken_back(head: Operator, world: Handed) -> None:
    path = await shared(head, world)
    here = f"/campaigns/{world.campaign_id}/report/share"
    page = await head.page(here)
    assert path.rpartition("_")[2] not in page
    action = re.search(rf'action="(/campaigns/{world.campaign_id}/report/shares/shr_\w+/revoke)"', page)
    assert action
    assert (await head.press(action.group(1))).status_code == 303
    assert "shr_" not in await head.page(here)
    answer = await look(path, head, **{"Accept-Language": "zh"})
    assert answer.status_code == 404
    assert "已到期或已被收回" in answer.text


async def test_guessing_is_counted(head: Operator) -> None:
    answers = [(await look(f"/s/rp_{'a' * 12}_{'b' * 42}{n}", head)).status_code for n in "0123456789A"]
    assert answers == [404] * 10 + [429]


@pytest.mark.parametrize("fields", [{"days": "0"}, {"days": "91"}, {"days": "x"}])
async def test_a_link_lives_as_long_as_it_may(head: Operator, world: Handed, fields: dict[str, str]) -> None:
    answer = await head.press(f"/campaigns/{world.campaign_id}/report/share", **fields)
    assert answer.status_code == 422


async def test_who_only_looks_shares_nothing(client: httpx.AsyncClient, world: Handed) -> None:
    viewer = Operator(client)
    await viewer.sign_in(await key_of(world.db, world.center_id, Role.VIEWER, "eye"))
    assert "report/share" not in await viewer.page(f"/campaigns/{world.campaign_id}/report")
    assert (await viewer.press(f"/campaigns/{world.campaign_id}/report/share")).status_code == 403


def test_a_long_name_is_cut_where_the_room_ends() -> None:
    assert (cut("abc", 3), cut("abcd", 3), cut("春季运动会", 6), cut("", 3)) == ("abc", "ab…", "春季…", "")
