"""Signing in, staying in, getting out: with a key, with a link, and not from elsewhere."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import httpx
import pytest

from app.core.clock import ManualClock
from app.domain.access import service as access
from app.domain.access.states import Role
from app.flows.kit import Kit
from app.flows.sign_in import invite
from app.web.reader import own_path
from tests.builders import relays as build
from tests.builders.board import HTML, Operator, key_of


@pytest.fixture
async def center_id(kit: Kit) -> str:
    return await build.center(kit.db)


@pytest.fixture
async def key(kit: Kit, center_id: str) -> str:
    return await key_of(kit.db, center_id)


@pytest.fixture
async def head(client: httpx.AsyncClient, key: str) -> Operator:
    operator = Operator(client)
    await operator.sign_in(key)
    return operator


async def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(client: httpx.AsyncClient, key: str) -> None:
    turned_away = await client.get("/?x=1", headers=HTML)
    assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/signin?next=%2F%3Fx%3D1")
    door = await client.get(turned_away.headers["location"], headers=HTML)
    assert 'value="/?x=1"' in door.text
    let_in = await client.post("/signin", data={"key": f" {key} ", "next": "/?x=1"}, headers=HTML)
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/?x=1")
    cookie = let_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "阳光社区" in (await client.get("/", headers=HTML)).text


async def test_programs_are_told_in_their_own_manner(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    piece = await client.get("/", headers={**HTML, "HX-Request": "true", "HX-Current-URL": "http://muster.test/?a=b"})
    assert (piece.status_code, piece.headers["hx-redirect"]) == (401, "/signin?next=%2F%3Fa%3Db")


async def test_over_tls_the_cookie_is_bound_to_the_host(
    app_on: Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]], key: str
) -> None:
    async with app_on("https://muster.example/board") as client:
        answer = await client.post("/signin", data={"key": key, "next": "/"}, headers=HTML)
        assert answer.headers["location"] == "/board/"
        assert answer.headers["set-cookie"].startswith("__Host-muster=ms_")
        assert "Secure" in answer.headers["set-cookie"]


async def test_wrong_keys_are_counted_and_a_right_one_is_heard_all_the_same(
    client: httpx.AsyncClient, key: str
) -> None:
    answers = [await client.post("/signin", data={"key": f"mk_wrong{n}"}, headers=HTML) for n in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert (await client.post("/signin", data={"key": key}, headers=HTML)).status_code == 303


async def test_a_revoked_key_ends_its_sessions(kit: Kit, client: httpx.AsyncClient, center_id: str, key: str) -> None:
    other = await key_of(kit.db, center_id, Role.VIEWER, name="guest")
    guest = Operator(client)
    await guest.sign_in(other)
    async with kit.db.write() as tx:
        [_, row] = (await access.list_keys(tx, center_id, limit=5, cursor=None)).items
        await access.revoke_key(tx, center_id, row.id, actor="test")
    assert (await guest.look("/")).status_code == 303


async def test_signing_in_again_ends_the_session_before(client: httpx.AsyncClient, head: Operator, key: str) -> None:
    before = client.cookies["muster"]
    await head.sign_in(key)
    assert client.cookies["muster"] != before
    client.cookies.set("muster", before, domain="muster.test", path="/")
    assert (await head.look("/")).status_code == 303


@pytest.mark.parametrize(("hours", "every"), [(25, 25), (24 * 7 + 1, 12)])
async def test_a_session_ends_by_itself(clock: ManualClock, head: Operator, hours: int, every: int) -> None:
    for _ in range(0, hours - 1, every):
        assert (await head.look("/")).status_code == 200
        clock.advance(timedelta(hours=every))
    clock.advance(timedelta(hours=1))
    assert (await head.look("/")).status_code == 303


async def test_out_of_this_browser_or_of_all(kit: Kit, client: httpx.AsyncClient, head: Operator, key: str) -> None:
    async with httpx.AsyncClient(transport=client._transport, base_url="http://muster.test") as second:
        elsewhere = Operator(second)
        await elsewhere.sign_in(key)
        assert (await head.press("/signout")).headers["location"] == "/signin?said=signed_out"
        assert (await head.look("/")).status_code == 303
        assert (await elsewhere.look("/")).status_code == 200
        await head.sign_in(key)
        await head.press("/signout/everywhere")
        assert (await elsewhere.look("/")).status_code == 303


async def test_a_link_lets_one_browser_in_once_and_looking_at_it_uses_nothing_up(
    kit: Kit, client: httpx.AsyncClient, center_id: str, key: str, clock: ManualClock
) -> None:
    async with kit.db.write() as tx:
        [row] = (await access.list_keys(tx, center_id, limit=1, cursor=None)).items
        made = [await invite(tx, center_id, row.id, actor="test", base_url=kit.settings.base_url) for _ in range(2)]
    path, late = (one.url.removeprefix(kit.settings.base_url) for one in made)
    for _ in range(3):
        assert "head" in (await client.get(path, headers=HTML)).text
    assert (await client.post(path, headers=HTML)).headers["location"] == "/"
    assert (await client.get("/", headers=HTML)).status_code == 200
    assert (await client.post(path, headers=HTML)).status_code == 404
    clock.advance(timedelta(minutes=16))
    assert (await client.post(late, headers=HTML)).status_code == 404
    assert (await client.get(late, headers=HTML)).status_code == 404


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {}),
        ({"Sec-Fetch-Site": "same-site"}, {}),
        ({"Sec-Fetch-Site": "same-origin"}, {"form_token": "0" * 40}),
        ({"Sec-Fetch-Site": "same-origin"}, {"form_token": ""}),
    ],
)
async def test_only_our_own_forms_do_anything(
    kit: Kit, head: Operator, center_id: str, headers: dict[str, str], fields: dict[str, str]
) -> None:
    data = {"form_token": head.form_token, **fields}
    answer = await head.client.post("/stop", data=data, headers={"Accept": "text/html", **headers})
    assert answer.status_code == 403
    async with kit.db.read() as tx:
        assert (await access.center(tx, center_id)).stopped_at is None


async def test_the_kill_switch_is_two_clicks_away_and_back(head: Operator) -> None:
    assert 'href="/ask/stop?back=/"' in await head.page("/")
    assert 'action="/stop"' in await head.page("/ask/stop")
    assert (await head.press("/stop")).headers["location"] == "/?said=stopped"
    assert 'role="alert"' in await head.page("/")
    await head.press("/start")
    assert 'role="alert"' not in await head.page("/")


async def test_the_language_is_kept(client: httpx.AsyncClient, head: Operator) -> None:
    assert 'lang="zh-CN"' in await head.page("/")
    answer = await head.press("/language", language="en", back="/?x=1")
    assert answer.headers["location"] == "/?x=1"
    assert 'lang="en"' in await head.page("/")


async def test_a_refusal_is_a_page_in_a_browser(head: Operator) -> None:
    answer = await head.look("/nothing/here")
    assert (answer.status_code, "这里什么也没有" in answer.text) == (404, True)
    assert (await head.client.get("/nothing/here")).json()["code"] == "not_found"
    assert (await head.client.get("/api/v1/nothing", headers=HTML)).json()["code"] == "not_found"


@pytest.mark.parametrize(
    "wish",
    ["", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/\t/evil.example", None, "/é"],
)
def test_nobody_is_led_elsewhere(wish: object) -> None:
    assert own_path(wish) == "/"
