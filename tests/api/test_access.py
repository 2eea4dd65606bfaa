"""Keys open exactly their own center, as far as their role goes, until they are revoked."""

import httpx

from tests.api.conftest import Headers, Pointers, Tenant

API = "/api/v1"


async def _issue(client: httpx.AsyncClient, owner: Headers, role: str = "owner") -> dict[str, str]:
    response = await client.post(f"{API}/keys", headers=owner, json={"name": f"a {role}", "role": role})
    assert response.status_code == 201, response.text
    issued: dict[str, str] = response.json()
    return issued


async def test_a_key_is_shown_once_and_works_at_once(client: httpx.AsyncClient, owner: Headers) -> None:
    issued = await _issue(client, owner, "viewer")
    assert issued["token"].startswith(f"mk_{issued['public_id']}_")
    mine = {"Authorization": f"Bearer {issued['token']}"}
    assert (await client.get(f"{API}/accounts", headers=mine)).status_code == 200
    listed = await client.get(f"{API}/keys", headers=owner)
    assert issued["id"] in {key["id"] for key in listed.json()["items"]}
    assert issued["token"] not in listed.text
    assert "digest" not in listed.text


async def test_a_revoked_key_is_refused_by_the_next_request(client: httpx.AsyncClient, owner: Headers) -> None:
    issued = await _issue(client, owner)
    mine = {"Authorization": f"Bearer {issued['token']}"}
    assert (await client.get(f"{API}/keys", headers=mine)).status_code == 200
    for _ in range(2):  # revoking twice is revoking once
        assert (await client.delete(f"{API}/keys/{issued['id']}", headers=owner)).status_code == 204
    refused = await client.get(f"{API}/keys", headers=mine)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["code"] == "unknown_key"


async def test_the_last_owner_key_stays(client: httpx.AsyncClient, owner: Headers) -> None:
    keys = (await client.get(f"{API}/keys", headers=owner)).json()["items"]
    mine = next(key for key in keys if key["role"] == "owner")
    refused = await client.delete(f"{API}/keys/{mine['id']}", headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner_key")
    await _issue(client, owner)
    assert (await client.delete(f"{API}/keys/{mine['id']}", headers=owner)).status_code == 204


async def test_without_a_known_key_nobody_enters(client: httpx.AsyncClient, tenant: Tenant) -> None:
    good = tenant.owner["Authorization"].removeprefix("Bearer ")
    forged = good[:-1] + ("A" if good[-1] != "A" else "B")
    for header in ("", "Bearer", "Basic abc", f"Bearer {forged}", "Bearer mk_x", f"Bearer {good}x", "Bearer \xff"):
        headers = {"Authorization": header.encode("latin-1")} if header else {}
        response = await client.get(f"{API}/keys", headers=headers)  # type: ignore[arg-type]
        assert response.status_code == 401, header
        assert good not in response.text


async def test_keys_and_the_audit_log_are_the_owners_alone(client: httpx.AsyncClient, tenant: Tenant) -> None:
    for headers in (tenant.operator, tenant.approver, tenant.viewer):
        for call in ("/keys", "/audit"):
            refused = await client.get(f"{API}{call}", headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "role_too_small")
        assert (await client.post(f"{API}/keys", headers=headers, json={})).status_code == 403


async def test_another_centers_keys_do_not_exist(client: httpx.AsyncClient, owner: Headers, stranger: Headers) -> None:
    issued = await _issue(client, owner, "viewer")
    foreign = await client.delete(f"{API}/keys/{issued['id']}", headers=stranger)
    unknown = await client.delete(f"{API}/keys/key_{'0' * 26}", headers=stranger)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert issued["id"] not in (await client.get(f"{API}/keys", headers=stranger)).text
    assert (await client.get(f"{API}/accounts", headers={"Authorization": f"Bearer {issued['token']}"})).is_success


async def test_keys_page_without_gap_or_repetition(client: httpx.AsyncClient, owner: Headers) -> None:
    for _ in range(3):
        await _issue(client, owner, "viewer")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{API}/keys", headers=owner, params=query)).json()
        seen += [key["id"] for key in page["items"]]
        assert len(page["items"]) <= 2
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_what_owners_do_is_written_down(client: httpx.AsyncClient, owner: Headers, stranger: Headers) -> None:
    issued = await _issue(client, owner, "viewer")
    await client.delete(f"{API}/keys/{issued['id']}", headers=owner)
    log = (await client.get(f"{API}/audit", headers=owner, params={"limit": 2})).json()
    assert [entry["action"] for entry in log["items"]] == ["key.revoke", "key.create"]
    assert {entry["subject"] for entry in log["items"]} == {issued["id"]}
    assert {entry["actor"] for entry in log["items"]} == {"key:owner"}
    assert log["next_cursor"]
    assert issued["id"] not in (await client.get(f"{API}/audit", headers=stranger)).text


async def test_a_role_nobody_has_is_refused(client: httpx.AsyncClient, owner: Headers, pointers: Pointers) -> None:
    refused = await client.post(f"{API}/keys", headers=owner, json={"name": "x", "role": "king", "scope": "all"})
    assert refused.status_code == 422
    assert pointers(refused) == {"/role", "/scope"}
