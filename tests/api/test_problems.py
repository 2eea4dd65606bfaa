"""Whatever is sent, the answer is a problem document that names the field, and never a 500."""

import json
from collections.abc import AsyncIterator

import httpx

from tests.api.conftest import Headers, Pointers

KEYS, ACCOUNTS = "/api/v1/keys", "/api/v1/accounts"
ACCOUNT = {"name": "bot", "platform": "telegram", "secret": {"bot_token": "123:abcdefghijklmnop"}}
LONE = "\ud800"

HOSTILE_KEYS: list[tuple[object, str]] = [
    ({"name": f"a{LONE}", "role": "owner"}, "/name"),
    ({"name": "a\u0000b", "role": "owner"}, "/name"),
    ({"name": "a\u0007", "role": "owner"}, "/name"),
    ({"name": "a\nb", "role": "owner"}, "/name"),
    ({"name": "\u200b", "role": "owner"}, "/name"),
    ({"name": "x" * 201, "role": "owner"}, "/name"),
    ({"name": 2**63, "role": "owner"}, "/name"),
    ({"name": ["a"], "role": "owner"}, "/name"),
    ({"name": "a", "role": f"{LONE}"}, "/role"),
    ({"role": "owner"}, "/name"),
    ([], ""),
    ("text", ""),
    (17, ""),
    (None, ""),
]
HOSTILE_ACCOUNTS: list[tuple[dict[str, object], str]] = [
    ({"secret": {"bot_token": f"x{LONE}"}}, "/secret/bot_token"),
    ({"secret": {"bot_token": "x\u0000"}}, "/secret/bot_token"),
    ({"secret": {"bot_token": 5}}, "/secret/bot_token"),
    ({"secret": "bot_token"}, "/secret"),
    ({"base_url": f"https://a.b/{LONE}"}, "/base_url"),
    ({"base_url": "https://a.b/\u0000"}, "/base_url"),
    ({"limits": {}}, "/limits"),
    ({"limits": [{}] * 21}, "/limits"),
    ({"limits": [{"scope": "chat", "count": 2**31, "per_seconds": 1}]}, "/limits/0/count"),
    ({"limits": [{"scope": "chat", "count": 2**63, "per_seconds": 1}]}, "/limits/0/count"),
    ({"limits": [{"scope": "chat", "count": 10**400, "per_seconds": 1}]}, "/limits/0/count"),
    ({"limits": [{"scope": "chat", "count": True, "per_seconds": 1}]}, "/limits/0/count"),
    ({"limits": [{"scope": "chat", "count": "1", "per_seconds": 1}]}, "/limits/0/count"),
    ({"limits": [{"scope": "chat", "count": 1, "per_seconds": float("nan")}]}, "/limits/0/per_seconds"),
    ({"limits": [{"scope": "chat", "count": 1, "per_seconds": float("inf")}]}, "/limits/0/per_seconds"),
    ({"limits": [{"scope": "chat", "count": 1, "per_seconds": -1}]}, "/limits/0/per_seconds"),
    ({"limits": [{"scope": "chat", "count": 1, "per_seconds": 1, "extra": 1}]}, "/limits/0/extra"),
]

NO_JSON = [
    b"{",
    b'{"name": 1e999}x',
    b"\xff\xfe{}",
    b'{"name": "\xff"}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"name": ' + b"9" * 5_000 + b', "role": "owner"}',
    b'{"name": "a", "role": "owner", "role"}',
]
HOSTILE_QUERIES = [
    "limit=0",
    "limit=-1",
    "limit=201",
    "limit=18446744073709551616",
    f"limit={'9' * 5000}",
    "limit=nan",
    "limit=%00",
    "cursor=%00",
    "cursor=%ed%a0%80",
    "cursor=abc",
    "cursor=IlxkODAwIg",
    "cursor=eyJhIjoxfQ",
    "cursor=" + "A" * 401,
]


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


async def _send(client: httpx.AsyncClient, headers: Headers, path: str, raw: bytes) -> httpx.Response:
    return await client.post(path, headers={**headers, "Content-Type": "application/json"}, content=raw)


async def test_hostile_keys_are_refused_by_field(client: httpx.AsyncClient, owner: Headers, pointers: Pointers) -> None:
    for content, pointer in HOSTILE_KEYS:
        refused = await _send(client, owner, KEYS, _json(content))
        assert (refused.status_code, pointers(refused)) == (422, {pointer}), refused.text


async def test_hostile_accounts_are_refused_by_field(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    for changes, pointer in HOSTILE_ACCOUNTS:
        refused = await _send(client, owner, ACCOUNTS, _json({**ACCOUNT, **changes}))
        assert refused.status_code == 422, refused.text
        assert pointer in pointers(refused)
        assert "abcdefghijklmnop" not in refused.text


async def test_what_is_no_json_is_said_to_be_none(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    for raw in NO_JSON:
        for path in (KEYS, ACCOUNTS):
            refused = await _send(client, owner, path, raw)
            assert (refused.status_code, pointers(refused)) == (400, set()), refused.text
    empty = await _send(client, owner, KEYS, b"")
    assert (empty.status_code, pointers(empty)) == (422, {""})


async def test_infinities_and_surrogate_names_are_invalid(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    for raw in (b'{"limits":[{"scope":"chat","count":1,"per_seconds":1e999}]}', b'{"limits": NaN}'):
        refused = await _send(client, owner, ACCOUNTS, raw)
        assert refused.status_code == 422, refused.text
        assert pointers(refused) >= {"/name", "/platform"}
    refused = await _send(client, owner, ACCOUNTS, b'{"\\ud800": 1}')
    assert (refused.status_code, pointers(refused)) == (422, {""})


async def test_hostile_queries_are_refused_by_name(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    for path in (KEYS, ACCOUNTS, "/api/v1/audit"):
        for query in HOSTILE_QUERIES:
            refused = await client.get(f"{path}?{query}", headers=owner)
            assert refused.status_code == 422, f"{query}: {refused.text}"
            assert pointers(refused) == {f"/query/{query.partition('=')[0]}"}


async def test_hostile_ids_are_refused_or_unknown(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    for wrong in ("%00", "%ed%a0%80", "9223372036854775808", "acc_%00", "a" * 300, "ACC_1", "..%2f"):
        for method, path in (("GET", ACCOUNTS), ("PATCH", ACCOUNTS), ("DELETE", KEYS)):
            body = {} if method == "PATCH" else None
            refused = await client.request(method, f"{path}/{wrong}", headers=owner, json=body)
            assert refused.status_code in {404, 422}, refused.text
            assert pointers(refused) <= {"/path/account_id", "/path/key_id"}


async def test_an_answer_stays_small_however_much_is_wrong(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    content = {**{f"field{number}": 1 for number in range(5_000)}, "x" * 10_000: 1}
    refused = await _send(client, owner, KEYS, _json(content))
    assert refused.status_code == 422
    assert len(pointers(refused)) <= 100
    assert len(refused.content) < 60_000


async def test_pointers_are_escaped(client: httpx.AsyncClient, owner: Headers, pointers: Pointers) -> None:
    refused = await client.post(KEYS, headers=owner, json={"name": "a", "role": "owner", "a/b~c": 1})
    assert pointers(refused) == {"/a~1b~0c"}


async def test_addresses_methods_and_media_types(client: httpx.AsyncClient, owner: Headers, pointers: Pointers) -> None:
    missing = await client.get("/api/v1/nothing/here", headers=owner)
    assert (missing.status_code, pointers(missing)) == (404, set())
    wrong = await client.put(KEYS, headers=owner, json={})
    assert (wrong.status_code, pointers(wrong)) == (405, set())
    assert wrong.headers["allow"]
    form = await client.post(KEYS, headers=owner, data={"name": "a"})
    assert (form.status_code, pointers(form)) == (415, set())


async def test_a_body_over_the_cap_is_cut_off(client: httpx.AsyncClient, owner: Headers, pointers: Pointers) -> None:
    whole = await _send(client, owner, KEYS, _json({"name": "a" * 1_100_000}))
    assert (whole.status_code, pointers(whole)) == (413, set())

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"a" * 100_000

    headers = {**owner, "Content-Type": "application/json"}
    chunked = await client.post(KEYS, headers=headers, content=dripping())
    assert (chunked.status_code, pointers(chunked)) == (413, set())
