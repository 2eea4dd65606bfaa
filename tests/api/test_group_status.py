"""Groups sleep, rest and wake, one by one or many at once, each with a reason."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Headers, Pointers

URL = "/api/v1/groups"


async def group(client: httpx.AsyncClient, owner: Headers, name: str, **facts: Any) -> str:
    body = {"name": name, "platform": "manual", **facts}
    answer = await client.post(URL, headers=owner, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
async def some(client: httpx.AsyncClient, owner: Headers) -> dict[str, str]:
    for path in ({"name": "East"}, {"name": "Shanghai", "parent": "East"}):
        assert (await client.post("/api/v1/branches", headers=owner, json=path)).status_code == 201
    return {
        "A": await group(client, owner, "A", branch="East/Shanghai"),
        "B": await group(client, owner, "B", branch="East", tags=["Pool"]),
        "C": await group(client, owner, "C", tags=["pool"], status="archived"),
        "D": await group(client, owner, "D"),
    }


async def stand(client: httpx.AsyncClient, owner: Headers) -> dict[str, str]:
    items = (await client.get(URL, headers=owner)).json()["items"]
    return {item["name"]: item["status"] for item in items}


async def put(client: httpx.AsyncClient, owner: Headers, **body: Any) -> httpx.Response:
    return await client.post(f"{URL}/status", headers=owner, json=body)


async def test_a_status_is_changed_with_its_reason(
    client: httpx.AsyncClient, owner: Headers, some: dict[str, str]
) -> None:
    answer = await client.patch(f"{URL}/{some['A']}", headers=owner, json={"status": "dormant", "reason": "holidays"})
    assert (answer.json()["status"], answer.json()["status_reason"]) == ("dormant", "holidays")
    answer = await client.patch(f"{URL}/{some['A']}", headers=owner, json={"status": "active"})
    assert answer.json()["status_reason"].startswith("set by")


async def test_many_groups_by_branch_by_tag_and_by_id(
    client: httpx.AsyncClient, owner: Headers, some: dict[str, str]
) -> None:
    east = (await client.get("/api/v1/branches", headers=owner)).json()["items"][0]["id"]
    answer = await put(client, owner, branch=east, status="dormant", reason="the season is over")
    assert answer.json() == {"status": "dormant", "changed": 2}
    assert await stand(client, owner) == {"A": "dormant", "B": "dormant", "C": "archived", "D": "active"}
    assert (await put(client, owner, tags=["POOL"], status="active")).json()["changed"] == 1
    assert (await put(client, owner, groups=[some["C"]], status="active")).json()["changed"] == 1
    assert await stand(client, owner) == {"A": "dormant", "B": "active", "C": "active", "D": "active"}
    assert (await put(client, owner, groups=[some["C"]], status="active")).json()["changed"] == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"status": "active"}, "/groups"),
        ({"tags": ["x"], "status": "dormant"}, "/reason"),
        ({"tags": ["x"], "status": "asleep", "reason": "r"}, "/status"),
        ({"branch": "brn_00000000000000000000000000", "status": "active"}, "/branch"),
        ({"groups": ["grp_00000000000000000000000000"], "status": "active"}, "/groups/0"),
    ],
)
async def test_what_is_wrong_is_told_by_field(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers, body: dict[str, Any], pointer: str
) -> None:
    answer = await put(client, owner, **body)
    assert answer.status_code == 422
    assert pointers(answer) == {pointer}


async def test_another_centers_groups_stay_as_they_are(
    client: httpx.AsyncClient, owner: Headers, stranger: Headers, some: dict[str, str]
) -> None:
    assert (await put(client, stranger, tags=["pool"], status="dormant", reason="r")).json()["changed"] == 0
    assert (await put(client, stranger, groups=[some["D"]], status="dormant", reason="r")).status_code == 422
    assert (await stand(client, owner))["D"] == "active"
