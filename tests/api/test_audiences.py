"""Saved audiences: kept under a name, counted as they stand, used by campaigns, never wider than they were meant."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Headers, Pointers
from tests.api.test_group_status import group

URL = "/api/v1/audiences"


async def branch(client: httpx.AsyncClient, owner: Headers, name: str) -> str:
    answer = await client.post("/api/v1/branches", headers=owner, json={"name": name})
    return str(answer.json()["id"])


async def save(client: httpx.AsyncClient, owner: Headers, name: str, **lists: list[str]) -> Any:
    answer = await client.post(URL, headers=owner, json={"name": name, "audience": lists})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def draft(client: httpx.AsyncClient, owner: Headers, key: str, **audience: Any) -> httpx.Response:
    body = {"title": "t", "body": "b", "relay_minutes": 30, "audience": audience}
    return await client.post("/api/v1/campaigns", headers={**owner, "Idempotency-Key": key}, json=body)


async def groups_of(client: httpx.AsyncClient, owner: Headers, campaign: str) -> int:
    answer = await client.post(f"/api/v1/campaigns/{campaign}/preflight", headers=owner)
    return int(answer.json()["groups"])


async def test_an_audience_is_counted_as_it_stands(client: httpx.AsyncClient, owner: Headers, viewer: Headers) -> None:
    east = await branch(client, owner, "East")
    first = await group(client, owner, "A", branch_id=east)
    await group(client, owner, "B", tags=["VIP"])
    made = await save(client, owner, "Important", branches=[east], tags=["vip"])
    assert (made["name"], made["count"], made["gone"]) == ("Important", 2, [])
    await client.patch(f"/api/v1/groups/{first}", headers=owner, json={"status": "dormant"})
    assert (await client.get(f"{URL}/{made['id']}", headers=viewer)).json()["count"] == 1
    changed = {"name": "Few", "audience": {"groups": [first]}}
    answer = await client.patch(f"{URL}/{made['id']}", headers=owner, json=changed)
    assert (answer.json()["name"], answer.json()["audience"]["tags"], answer.json()["count"]) == ("Few", [], 0)
    renamed = await client.patch(f"{URL}/{made['id']}", headers=owner, json={"name": "Fewer"})
    assert renamed.json()["audience"]["groups"] == [first]
    items = (await client.get(URL, headers=owner)).json()["items"]
    assert [each["name"] for each in items] == ["Fewer"]
    assert (await client.delete(f"{URL}/{made['id']}", headers=owner)).status_code == 204
    assert (await client.get(f"{URL}/{made['id']}", headers=owner)).status_code == 404


async def test_a_campaign_takes_it_as_it_stands_when_it_is_drafted(client: httpx.AsyncClient, owner: Headers) -> None:
    await group(client, owner, "A", tags=["vip"])
    await group(client, owner, "B")
    audience = await save(client, owner, "Important", tags=["vip"])
    answer = await draft(client, owner, "k1", saved=audience["id"])
    assert answer.status_code == 201, answer.text
    campaign = answer.json()["id"]
    assert await groups_of(client, owner, campaign) == 1
    await client.patch(f"{URL}/{audience['id']}", headers=owner, json={"audience": {}})
    assert await groups_of(client, owner, campaign) == 1
    assert await groups_of(client, owner, (await draft(client, owner, "k2", saved=audience["id"])).json()["id"]) == 2


async def test_what_is_left_of_an_audience_never_means_everybody(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    east = await branch(client, owner, "East")
    await group(client, owner, "A")
    audience = await save(client, owner, "Eastern", branches=[east])
    assert audience["count"] == 0
    assert (await client.delete(f"/api/v1/branches/{east}", headers=owner)).status_code == 204
    assert (await client.get(f"{URL}/{audience['id']}", headers=owner)).json()["gone"] == [east]
    answer = await draft(client, owner, "k1", saved=audience["id"])
    assert (answer.status_code, answer.json()["code"]) == (422, "audience_outdated")
    assert pointers(answer) == {"/audience/saved"}


@pytest.mark.parametrize(
    ("audience", "pointer"),
    [
        ({"saved": "aud_00000000000000000000000000"}, "/audience/saved"),
        ({"saved": "aud_00000000000000000000000000", "tags": ["x"]}, "/audience/saved"),
    ],
)
async def test_a_campaign_names_what_there_is_and_one_thing(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers, audience: dict[str, Any], pointer: str
) -> None:
    answer = await draft(client, owner, "k1", **audience)
    assert answer.status_code == 422
    assert pointers(answer) == {pointer}


async def test_names_are_unique_and_strangers_are_told(
    client: httpx.AsyncClient, owner: Headers, stranger: Headers, pointers: Pointers
) -> None:
    audience = await save(client, owner, "Important", tags=["vip"])
    twice = await client.post(URL, headers=owner, json={"name": "ＩMPORTANT", "audience": {}})
    assert (twice.status_code, twice.json()["code"]) == (409, "name_taken")
    unknown = {"name": "x", "audience": {"exclude": ["grp_00000000000000000000000000"]}}
    answer = await client.post(URL, headers=owner, json=unknown)
    assert answer.status_code == 422
    assert pointers(answer) == {"/audience/exclude/0"}
    assert (await client.get(f"{URL}/{audience['id']}", headers=stranger)).status_code == 404
    assert (await draft(client, stranger, "k1", saved=audience["id"])).status_code == 422
