"""The directory over the API: the tree by hand, in the sheet's words, and nothing of another center."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlmodel import col, update

from app.core.db import Database
from app.core.secrets import Vault
from app.domain.directory.tables import Group
from tests.api.conftest import Headers, Pointers

KEY = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123abcd-4567-89ab-cdef-0123456789ab"
API = "/api/v1"
Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def call(client: httpx.AsyncClient, owner: Headers) -> Call:
    """Speaks for the owner; answers the JSON, or fails with what the API said instead of the status expected."""

    async def speak(method: str, path: str, status: int = 200, headers: Headers = owner, **kwargs: Any) -> Any:
        answer = await client.request(method, f"{API}{path}", headers=headers, **kwargs)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    return speak


async def made(call: Call, resource: str, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = await call("POST", f"/{resource}", 201, json=body)
    return found


async def test_a_branch_is_made_renamed_moved_and_removed(call: Call) -> None:
    east = await made(call, "branches", name="East")
    city = await made(call, "branches", name="Shanghai", parent="EAST")
    assert (city["path"], city["parent_id"]) == ("East/Shanghai", east["id"])
    assert (await call("PATCH", f"/branches/{east['id']}", json={"name": "Ost"}))["path"] == "Ost"
    assert (await call("GET", f"/branches/{city['id']}"))["path"] == "Ost/Shanghai"
    assert [each["id"] for each in (await call("GET", f"/branches?parent={east['id']}"))["items"]] == [city["id"]]
    assert (await call("DELETE", f"/branches/{east['id']}", 409))["code"] == "branch_not_empty"
    assert (await call("PATCH", f"/branches/{city['id']}", json={"parent_id": None}))["path"] == "Shanghai"
    await call("DELETE", f"/branches/{east['id']}", 204)
    await call("GET", f"/branches/{east['id']}", 404)


async def test_a_tree_with_a_ring_is_refused_naming_the_field(call: Call) -> None:
    top = await made(call, "branches", name="top")
    low = await made(call, "branches", name="low", parent_id=top["id"])
    for child, parent in ((top, top), (top, low)):
        problem = await call("PATCH", f"/branches/{child['id']}", 422, json={"parent_id": parent["id"]})
        assert (problem["code"], problem["errors"][0]["pointer"]) == ("cycle", "/parent_id")
    unknown = await call("PATCH", f"/branches/{top['id']}", 422, json={"parent_id": "brn_0000"})
    assert unknown["errors"][0]["pointer"] == "/parent_id"
    assert (await call("POST", "/branches", 409, json={"name": "ＴＯＰ"}))["code"] == "name_taken"


async def test_what_no_key_opens_any_more_is_named_and_may_be_given_anew(call: Call, db: Database) -> None:
    group = await made(call, "groups", name="三班", platform="wecom", address=KEY, secret="quiet please")
    where = f"/groups/{group['id']}"
    async with db.write() as tx:
        lost = Vault([Fernet.generate_key().decode()]).seal(group["id"], {"address": KEY})
        await tx.run(update(Group).where(col(Group.id) == group["id"]).values(secret_box=lost))
    assert (await call("PATCH", where, json={"name": "四班", "members": 3}))["name"] == "四班"
    for changes, missing in (({"secret": "s"}, ["/address"]), ({"address": KEY}, ["/secret"])):
        problem = await call("PATCH", where, 409, json=changes)
        assert (problem["code"], [each["pointer"] for each in problem["errors"]]) == ("address_sealed", missing)
    await call("PATCH", where, json={"address": KEY, "secret": None})
    assert (await call("PATCH", where, json={"secret": "s"}))["address"] == group["address"]


async def test_a_group_speaks_the_words_of_the_sheet(call: Call) -> None:
    await made(call, "branches", name="East")
    group = await made(
        call, "groups", name="三班", platform="WeCom", address=KEY, branch="east", members=45,
        tags=["VIP", "vip", "new"],
        timezone="asia/shanghai", language="zh", secret="quiet please",
    )  # fmt: skip
    assert (group["platform"], group["routes"], group["tags"]) == ("wecom", ["bot", "leader"], ["VIP", "new"])
    assert (group["timezone"], group["members"], group["status"]) == ("Asia/Shanghai", 45, "active")
    assert group["account_id"]
    assert group["address"] == "https://qyapi.weixin.qq.com/…89ab"
    assert not any(word in str(group) for word in ("0123abcd", "quiet"))
    changed = await call(
        "PATCH", f"/groups/{group['id']}", json={"tags": ["old"], "branch": None, "members": None, "status": "dormant"}
    )
    assert (changed["tags"], changed["branch_id"], changed["members"]) == (["old"], None, None)
    assert (changed["status"], changed["status_reason"]) == ("dormant", "set by key:owner")
    assert (changed["address"], changed["language"]) == (group["address"], "zh")
    problem = await call("POST", "/groups", 409, json={"name": "again", "platform": "wecom", "address": KEY})
    assert problem["code"] == "address_taken"
    await call("DELETE", f"/groups/{group['id']}", 204)
    await call("GET", f"/groups/{group['id']}", 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"platform": "icq"}, "/platform"),
        ({"platform": "telegram"}, "/address"),
        ({"platform": "telegram", "address": "-1001"}, "/account"),
        ({"platform": "webhook", "address": "http://127.0.0.2/x"}, "/address"),
        ({"platform": "wecom", "address": KEY.replace("qyapi.weixin.qq.com", "evil.example.com")}, "/address"),
        ({"account": "nobody"}, "/account"),
        ({"account_id": "acc_0000"}, "/account_id"),
        ({"branch": "Nowhere"}, "/branch"),
        ({"branch": "a//b"}, "/branch"),
        ({"branch_id": "brn_0000"}, "/branch_id"),
        ({"routes": ["bot"]}, "/routes"),
        ({"routes": ["pigeon"]}, "/routes"),
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"language": "?"}, "/language"),
        ({"members": -1}, "/members"),
        ({"members": "12"}, "/members"),
        ({"members": 2**31}, "/members"),
        ({"members": True}, "/members"),
        ({"status": "asleep"}, "/status"),
        ({"tags": ["x" * 61]}, "/tags"),
        ({"tags": [f"t{number}" for number in range(51)]}, "/tags"),
        ({"name": "two\nlines"}, "/name"),
        ({"name": "\u0000"}, "/name"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_a_wrong_field_is_named(call: Call, body: dict[str, Any], field: str) -> None:
    problem = await call("POST", "/groups", 422, json={"name": "g", "platform": "manual", **body})
    assert field in {error["pointer"] for error in problem["errors"]}
    assert (await call("GET", "/groups"))["items"] == []


async def test_groups_are_sifted_and_paged(call: Call) -> None:
    for path in ("East", "North"):
        await made(call, "branches", name=path)
    low = await made(call, "branches", name="Shanghai", parent="East")
    top = (await call("GET", f"/branches/{low['parent_id']}"))["id"]
    for name, body in (
        ("50% off", {"branch": "East", "tags": ["VIP"]}),
        ("50x off", {"branch": "East/Shanghai"}),
        ("a_b\\c", {"branch": "North", "tags": ["vip"], "status": "dormant"}),
    ):
        await made(call, "groups", name=name, platform="manual", **body)

    async def names(**params: Any) -> list[str]:
        return sorted(each["name"] for each in (await call("GET", "/groups", params=params))["items"])

    assert await names(branch=top) == ["50% off", "50x off"]
    assert await names(branch=low["id"]) == ["50x off"]
    assert await names(tag="ＶＩＰ") == ["50% off", "a_b\\c"]
    assert await names(status="dormant", platform="manual") == ["a_b\\c"]
    assert await names(q="0% O") == ["50% off"]
    assert await names(q="a_b\\") == ["a_b\\c"]
    assert await names(q="' OR 1=1 --") == []
    first = await call("GET", "/groups", params={"limit": 2})
    rest = await call("GET", "/groups", params={"limit": 2, "cursor": first["next_cursor"]})
    assert len(first["items"]) == 2
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None
    await call("GET", "/groups?limit=201", 422)
    await call("GET", "/groups?cursor=forged", 422)


async def test_a_leader_and_what_he_answers_for(call: Call) -> None:
    leader = await made(call, "leaders", name="王芳", contact="telegram:17", language="zh")
    assert leader["contact"] == "telegram:17"
    hook = await made(call, "leaders", name="Ann", contact="webhook:https://hooks.example.com/private-token")
    assert hook["contact"] == "webhook:https://hooks.example.com/…oken"
    assert (await call("POST", "/leaders", 409, json={"name": "ANN"}))["code"] == "name_taken"
    group = await made(call, "groups", name="g", platform="manual")
    branch = await made(call, "branches", name="East")
    own = await made(call, "assignments", leader_id=leader["id"], group_id=group["id"], rank=0)
    await made(call, "assignments", leader_id=hook["id"], branch_id=branch["id"])
    twice = {"leader_id": leader["id"], "group_id": group["id"]}
    assert (await call("POST", "/assignments", 409, json=twice))["code"] == "already_assigned"
    both = {**twice, "branch_id": branch["id"]}
    await call("POST", "/assignments", 422, json=both)
    await call("POST", "/assignments", 422, json={"leader_id": leader["id"]})
    assert (await call("PATCH", f"/assignments/{own['id']}", json={"rank": 2}))["rank"] == 2
    assert [each["id"] for each in (await call("GET", f"/assignments?leader={leader['id']}"))["items"]] == [own["id"]]
    assert [row["name"] for row in (await call("GET", "/leaders?q=芳"))["items"]] == ["王芳"]
    renamed = await call("PATCH", f"/leaders/{leader['id']}", json={"contact": "none", "name": "王芳芳"})
    assert (renamed["name"], renamed["contact"], renamed["language"]) == ("王芳芳", "none", "zh")
    await call("DELETE", f"/leaders/{leader['id']}", 204)
    await call("GET", f"/assignments/{own['id']}", 404)


@pytest.mark.parametrize("contact", ["13800000000", "telegram:@wang", "webhook:http://169.254.169.254/x"])
async def test_a_contact_that_reaches_nobody_is_refused(call: Call, contact: str) -> None:
    problem = await call("POST", "/leaders", 422, json={"name": "Ann", "contact": contact})
    assert problem["errors"][0]["pointer"] == "/contact"


async def test_another_center_sees_none_of_it(call: Call, stranger: Headers, pointers: Pointers) -> None:
    branch = await made(call, "branches", name="East")
    group = await made(call, "groups", name="g", platform="manual", branch="East")
    leader = await made(call, "leaders", name="Ann")
    assignment = await made(call, "assignments", leader_id=leader["id"], group_id=group["id"])
    kinds = {"branches": branch, "groups": group, "leaders": leader, "assignments": assignment}
    for kind, row in kinds.items():
        body = {"rank": 1} if kind == "assignments" else {"name": "mine"}
        await call("GET", f"/{kind}/{row['id']}", 404, headers=stranger)
        await call("PATCH", f"/{kind}/{row['id']}", 404, headers=stranger, json=body)
        await call("DELETE", f"/{kind}/{row['id']}", 404, headers=stranger)
        assert (await call("GET", f"/{kind}", headers=stranger))["items"] == []
    for body in ({"branch_id": branch["id"]}, {"branch": "East"}):
        await call("POST", "/groups", 422, headers=stranger, json={"name": "g", "platform": "manual", **body})
    await call("POST", "/assignments", 422, headers=stranger, json={"leader_id": leader["id"], "group_id": group["id"]})
    assert (await call("GET", f"/groups?branch={branch['id']}", headers=stranger))["items"] == []
