"""Accounts take secrets in and give only hints out; what they may not be is refused by field."""

import httpx

from app.channels.registry import channels, platforms
from app.core.jobs import WAKE, RecordingQueue
from app.domain.accounts import store
from app.domain.deliveries import store as deliveries
from app.flows.kit import Kit
from tests.api.conftest import Headers, Pointers, Tenant

API = "/api/v1/accounts"
TOKEN = "123456:AAE-very-secret-token-9876"
TELEGRAM = {"name": "main bot", "platform": "telegram", "secret": {"bot_token": TOKEN}}

REFUSED: list[tuple[dict[str, object], str]] = [
    ({"platform": "icq"}, "/platform"),
    ({"platform": "manual", "secret": {}}, "/platform"),
    ({"secret": {}}, "/secret/bot_token"),
    ({"secret": {"bot_token": "  "}}, "/secret/bot_token"),
    ({"secret": {"bot_token": TOKEN, "password": "hunter2"}}, "/secret/password"),
    ({"base_url": "http://api.telegram.org"}, "/base_url"),
    ({"base_url": "https://10.0.0.1"}, "/base_url"),
    ({"base_url": "https://[::ffff:127.0.0.2]"}, "/base_url"),
    ({"base_url": "https://user@api.telegram.org"}, "/base_url"),
    ({"base_url": "https://api.telegram.org?key=1"}, "/base_url"),
    ({"base_url": "not a url"}, "/base_url"),
    ({"base_url": "https://self-hosted.example:9999"}, "/base_url"),
    ({"limits": [{"scope": "chat", "count": 21, "per_seconds": 60}]}, "/limits/0/count"),
    ({"limits": [{"scope": "account", "count": 31, "per_seconds": 1}]}, "/limits/0/count"),
    ({"limits": [{"scope": "chat", "count": 0, "per_seconds": 60}]}, "/limits/0/count"),
    ({"limits": [{"scope": "planet", "count": 1, "per_seconds": 60}]}, "/limits/0/scope"),
    ({"limits": [{"scope": "chat", "count": 1, "per_seconds": 0}]}, "/limits/0/per_seconds"),
    ({"limits": [{"scope": "chat", "count": 1, "per_seconds": 1, "period": "day"}]}, "/limits/0/period"),
    ({"limits": [{"scope": "chat", "count": 1}]}, "/limits/0"),
    ({"name": "   "}, "/name"),
    ({"status": "refused"}, "/status"),
    ({"center_id": "cen_x"}, "/center_id"),
]


async def _create(client: httpx.AsyncClient, headers: Headers, **changes: object) -> httpx.Response:
    return await client.post(API, headers=headers, json={**TELEGRAM, **changes})


async def _created(client: httpx.AsyncClient, headers: Headers, **changes: object) -> dict[str, object]:
    response = await _create(client, headers, **changes)
    assert response.status_code == 201, response.text
    account: dict[str, object] = response.json()
    return account


async def test_a_secret_goes_in_and_only_a_hint_comes_out(client: httpx.AsyncClient, kit: Kit, owner: Headers) -> None:
    account = await _created(client, owner)
    assert account["secret_hint"] == "…9876"
    assert account["status"] == "active"
    answers = [
        await client.get(API, headers=owner),
        await client.get(f"{API}/{account['id']}", headers=owner),
        await client.patch(f"{API}/{account['id']}", headers=owner, json={"name": "renamed"}),
        await client.get("/api/v1/audit", headers=owner),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "very-secret" not in answer.text
    async with kit.db.read() as tx:
        (row,) = await store.get(tx, [str(account["id"])])
    assert "very-secret" not in f"{row.secret_box}"
    assert kit.vault.open(row.id, row.secret_box or "") == {"bot_token": TOKEN}


async def test_every_reader_sees_accounts_and_only_owners_change_them(
    client: httpx.AsyncClient, tenant: Tenant
) -> None:
    account = await _created(client, tenant.owner)
    for headers in (tenant.operator, tenant.approver, tenant.viewer):
        assert (await client.get(API, headers=headers)).json()["items"] == [account]
        assert (await _create(client, headers)).status_code == 403
        assert (await client.patch(f"{API}/{account['id']}", headers=headers, json={})).status_code == 403


async def test_another_centers_account_does_not_exist(
    client: httpx.AsyncClient, owner: Headers, stranger: Headers
) -> None:
    account = await _created(client, owner)
    address = f"{API}/{account['id']}"
    assert (await client.get(address, headers=stranger)).status_code == 404
    assert (await client.patch(address, headers=stranger, json={"name": "mine now"})).status_code == 404
    assert (await client.get(API, headers=stranger)).json()["items"] == []
    assert (await client.get(address, headers=owner)).json() == account
    await _created(client, stranger)  # names are a center's own affair


async def test_what_an_account_may_not_be_is_named(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    for changes, pointer in REFUSED:
        refused = await _create(client, owner, **changes)
        assert (refused.status_code, pointers(refused)) == (422, {pointer}), refused.text
        assert "very-secret" not in refused.text
        assert "hunter2" not in refused.text
    assert (await client.get(API, headers=owner)).json()["items"] == []


async def test_an_unknown_platform_is_answered_with_the_known_ones(client: httpx.AsyncClient, owner: Headers) -> None:
    refused = await _create(client, owner, platform="icq")
    assert ", ".join(sorted(platforms(channels()))) in refused.json()["detail"]


async def test_a_secret_goes_to_its_platforms_host_or_a_listed_one_and_nowhere_else(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    elsewhere = await _create(client, owner, base_url="https://tg.example.org")
    assert (elsewhere.status_code, pointers(elsewhere)) == (422, {"/base_url"})
    account = await _created(client, owner, name="mine")
    moved = await client.patch(f"{API}/{account['id']}", headers=owner, json={"base_url": "https://tg.example.org"})
    assert (moved.status_code, pointers(moved)) == (422, {"/base_url"})
    listed = ("http://127.0.0.1:8081/tg/", "https://self-hosted.example:8443", "https://api.telegram.org")
    for number, base in enumerate(listed):
        account = await _created(client, owner, name=f"bot {number}", base_url=base)
        assert account["base_url"] == base.rstrip("/")


async def test_a_granted_quota_may_exceed_the_published_limit(client: httpx.AsyncClient, owner: Headers) -> None:
    granted = {"scope": "account", "count": 1000, "per_seconds": 1.0, "period": None, "higher_quota": True}
    account = await _created(client, owner, limits=[granted, {"scope": "chat", "count": 5, "per_seconds": 60}])
    assert account["limits"] == [
        granted,
        {"scope": "chat", "count": 5, "per_seconds": 60.0, "period": None, "higher_quota": False},
    ]
    monthly = await client.patch(
        f"{API}/{account['id']}",
        headers=owner,
        json={"limits": [{"scope": "account", "count": 9000, "period": "month"}]},
    )
    assert monthly.json()["limits"][0]["period"] == "month"
    cleared = await client.patch(f"{API}/{account['id']}", headers=owner, json={"limits": None})
    assert cleared.json()["limits"] is None


async def test_a_name_is_taken_once_however_it_is_written(client: httpx.AsyncClient, owner: Headers) -> None:
    await _created(client, owner)
    taken = await _create(client, owner, name="ＭＡＩＮ  Bot")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    other = await _created(client, owner, name="second")
    taken = await client.patch(f"{API}/{other['id']}", headers=owner, json={"name": "Main Bot"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


async def test_a_new_secret_reopens_a_refused_account(
    client: httpx.AsyncClient, kit: Kit, owner: Headers, queue: RecordingQueue
) -> None:
    account = await _created(client, owner)
    address, account_id = f"{API}/{account['id']}", str(account["id"])
    async with kit.db.write() as tx:
        await store.refuse(tx, account_id, "Unauthorized")
        await deliveries.close_gate(tx, account_id, reason="Unauthorized")
    assert (await client.get(address, headers=owner)).json()["status"] == "refused"
    refused = await client.patch(address, headers=owner, json={"status": "active"})
    assert (refused.status_code, refused.json()["code"]) == (409, "secret_refused")
    await client.patch(address, headers=owner, json={"name": "renamed"})
    async with kit.db.read() as tx:
        assert len(await deliveries.closed_gates(tx, [account_id])) == 1
    queue.jobs.clear()
    renewed = await client.patch(address, headers=owner, json={"secret": {"bot_token": "654321:BBB-another-4321"}})
    assert (renewed.json()["status"], renewed.json()["status_reason"]) == ("active", "")
    assert renewed.json()["secret_hint"] == "…4321"
    async with kit.db.read() as tx:
        [handed_on] = await deliveries.closed_gates(tx, [account_id])
    assert handed_on.until is not None
    assert (handed_on.until - kit.clock.now()).total_seconds() == 1.0
    assert queue.jobs == [(WAKE, ("account",))]


async def test_an_account_can_be_switched_off_and_on(client: httpx.AsyncClient, kit: Kit, owner: Headers) -> None:
    account = await _created(client, owner)
    address, account_id = f"{API}/{account['id']}", str(account["id"])
    off = await client.patch(address, headers=owner, json={"status": "off"})
    assert off.json()["status"] == "off"
    assert "key:owner" in off.json()["status_reason"]
    async with kit.db.read() as tx:
        (gate,) = await deliveries.closed_gates(tx, [account_id])
    assert "switched off" in gate.reason
    still = await client.patch(address, headers=owner, json={"secret": {"bot_token": TOKEN}})
    assert still.json()["status"] == "off"
    on = await client.patch(address, headers=owner, json={"status": "active"})
    assert on.json()["status"] == "active"
    async with kit.db.read() as tx:
        assert await deliveries.closed_gates(tx, [account_id]) == []


async def test_platforms_without_an_account_secret_need_none(client: httpx.AsyncClient, owner: Headers) -> None:
    robot = await _created(client, owner, name="robots", platform="wecom", secret={})
    assert robot["secret_hint"] == ""
    hook = await _created(
        client, owner, name="h", platform="webhook", secret={"signing_secret": f"whsec_{'A' * 28}zz=="}
    )
    assert hook["secret_hint"] == "…zz=="
