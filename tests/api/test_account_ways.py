"""Several ways into one platform: an account's secrets decide which, and its groups' addresses must fit it."""

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import select

from app.domain.accounts.tables import Account
from app.domain.directory.tables import Group
from app.flows.kit import Kit
from tests.api.conftest import Headers, Pointers
from tests.channels.platform import answer, platform

API = "/api/v1"
HOOK = "https://hooks.slack.com/services/T024BE7LD/B024BE7LH/abcDEF123"
APP = {"name": "app", "platform": "slack", "secret": {"bot_token": "xoxb-1-2-abcdefghijkl"}}


async def _post(client: httpx.AsyncClient, to: str, headers: Headers, body: dict[str, object]) -> httpx.Response:
    return await client.post(f"{API}{to}", headers=headers, json=body)


async def _group(client: httpx.AsyncClient, owner: Headers, address: str, **more: object) -> httpx.Response:
    body = {"name": f"G {address[-6:]}", "platform": "slack", "address": address, "routes": ["bot"], **more}
    return await _post(client, "/groups", owner, body)


async def test_the_secrets_choose_the_way(client: httpx.AsyncClient, kit: Kit, owner: Headers) -> None:
    assert (await _post(client, "/accounts", owner, APP)).status_code == 201
    assert (await _post(client, "/accounts", owner, {**APP, "name": "hooks", "secret": {}})).status_code == 201
    async with kit.db.read() as tx:
        ways = {row.name: row.channel for row in await tx.all(select(Account))}
    assert ways == {"app": "slack_app", "hooks": "slack"}


async def test_each_address_finds_the_account_that_can_post_there(client: httpx.AsyncClient, owner: Headers) -> None:
    hooked = await _group(client, owner, HOOK)
    assert hooked.status_code == 201, hooked.text
    nobody = await _group(client, owner, "C024BE91L")
    assert (nobody.status_code, "bot_token" in nobody.json()["detail"]) == (422, True)
    app = (await _post(client, "/accounts", owner, APP)).json()
    found = await _group(client, owner, "C024BE91L")
    assert (found.status_code, found.json()["account_id"]) == (201, app["id"])
    assert hooked.json()["account_id"] != app["id"]


async def test_an_account_is_not_given_an_address_it_cannot_post_to(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    assert (await _post(client, "/accounts", owner, APP)).status_code == 201
    assert pointers(await _group(client, owner, HOOK, account="app")) == {"/account"}
    group = (await _group(client, owner, "C024BE91L", account="app")).json()
    moved = await client.patch(f"{API}/groups/{group['id']}", headers=owner, json={"address": HOOK})
    assert pointers(moved) == {"/address"}


async def test_an_account_keeps_its_way(client: httpx.AsyncClient, owner: Headers, pointers: Pointers) -> None:
    hooks = (await _post(client, "/accounts", owner, {**APP, "name": "hooks", "secret": {}})).json()
    changed = await client.patch(f"{API}/accounts/{hooks['id']}", headers=owner, json={"secret": APP["secret"]})
    assert pointers(changed) == {"/secret/bot_token"}


@pytest.mark.parametrize(("status", "ok", "works"), [(200, "true", True), (401, "false", False), (502, "false", None)])
async def test_a_credential_is_asked_after(
    client: httpx.AsyncClient, owner: Headers, operator: Headers, status: int, ok: str, *, works: bool | None
) -> None:
    me = '{"id":1,"is_bot":true,"first_name":"Bot","username":"b_bot"}'
    body = f'{{"ok":{ok},"result":{me},"error_code":{status},"description":"Unauthorized"}}'
    async with platform(answer(status, {}, body.encode())) as there:
        account = {"name": "bot", "platform": "telegram", "secret": {"bot_token": "1:secret-token-9876"}}
        created = (await _post(client, "/accounts", owner, {**account, "base_url": there.base})).json()
        said = await client.post(f"{API}/accounts/{created['id']}/check", headers=operator)
    assert said.status_code == 200, said.text
    assert said.json()["works"] is works
    assert "secret-token" not in said.text
    assert [heard.path.rpartition("/")[2] for heard in there.heard] == ["getMe"]


async def test_where_nothing_can_be_asked_that_is_said(
    client: httpx.AsyncClient, owner: Headers, viewer: Headers, stranger: Headers
) -> None:
    robot = (await _post(client, "/accounts", owner, {"name": "r", "platform": "wecom", "secret": {}})).json()
    path = f"{API}/accounts/{robot['id']}/check"
    said = (await client.post(path, headers=owner)).json()
    assert (said["works"], said["code"]) == (None, "no_question")
    assert (await client.post(path, headers=viewer)).status_code == 403
    assert (await client.post(path, headers=stranger)).status_code == 404


async def test_what_needs_no_address_can_be_changed_though_no_key_opens_it(
    client: httpx.AsyncClient, kit: Kit, owner: Headers
) -> None:
    group = (await _group(client, owner, HOOK)).json()
    async with kit.db.write() as tx:
        await tx.run(update(Group).values(secret_box="sealed with a key that is lost"))
    for change in ({"tags": ["north"]}, {"account": "slack"}, {"members": 3}):
        answer = await client.patch(f"{API}/groups/{group['id']}", headers=owner, json=change)
        assert answer.status_code == 200, answer.text
