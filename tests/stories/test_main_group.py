"""The head's main group: one post, one link, and each leader's phone sees its own groups behind it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from app.domain.pictures.tables import Picture
from tests.builders.images import JPEG, PNG
from tests.world import World

MAIN, WANG = "-100900", "5001"


@pytest.fixture
async def hall(world: World) -> World:
    """Wang can be written to, Li cannot; both are in the main group."""
    await world.account("bot")
    await world.groups(
        {"group": "Main", "platform": "telegram", "address": MAIN, "branch": "HQ"},
        {
            "group": "王芳一群",
            "platform": "manual",
            "branch": "East",
            "leader": "王芳",
            "leader_contact": f"telegram:{WANG}",
        },
        {"group": "李强一群", "platform": "manual", "branch": "East", "leader": "李强", "leader_contact": "none"},
    )
    groups = {group["name"]: group["id"] for group in (await world.call("GET", "/groups"))["items"]}
    await world.call("PATCH", "/center", json={"main_group_id": groups["Main"], "language": "zh"})
    return world


async def launched(hall: World, **how: Any) -> str:
    [east] = [b["id"] for b in (await hall.call("GET", "/branches"))["items"] if b["path"] == "East"]
    campaign = await hall.launch(audience={"branches": [east]}, **how)
    await hall.forward(seconds=5, step=1)
    return campaign


async def shared(hall: World) -> str:
    return "/g/" + (await hall.letters(MAIN))[-1].split("/g/")[1].split()[0]


def phone(hall: World) -> httpx.AsyncClient:
    """A browser of its own, with its own cookies and no key."""
    return httpx.AsyncClient(transport=hall.api._transport, base_url="http://muster.test")


async def pictures(hall: World) -> list[str]:
    """The pictures there are, by their ids."""
    async with hall.kit.db.read() as tx:
        return [row.id for row in await tx.table(select(col(Picture.id)))]


async def test_one_post_in_the_main_group_whatever_the_number_of_leaders(hall: World) -> None:
    campaign = await launched(hall)
    [post] = await hall.letters(MAIN)
    assert "共 2 个群" in post
    assert "/r/" not in post
    relays = await hall.relays(campaign)
    assert "main group" in relays["李强一群"]["reason"]
    await hall.forward(minutes=30)
    assert len(await hall.letters(MAIN)) == 1


async def test_a_main_group_with_a_post_is_archived_and_not_deleted(hall: World) -> None:
    """It is in no audience: nothing but the post itself remembers that a campaign went there."""
    await launched(hall)
    [main] = [one["id"] for one in (await hall.call("GET", "/groups"))["items"] if one["name"] == "Main"]
    refused = await hall.call("DELETE", f"/groups/{main}", status=409)
    assert refused["code"] == "group_in_use"
    assert len(await hall.letters(MAIN)) == 1


async def test_by_itself_the_link_speaks_for_nobody(hall: World) -> None:
    campaign = await launched(hall)
    link, relays = await shared(hall), await hall.relays(campaign)
    async with phone(hall) as stranger:
        page = await stranger.get(link)
        assert (page.status_code, "个人码" in page.text) == (200, True)
        assert "王芳一群" not in page.text
        for word in ("relays/" + relays["王芳一群"]["id"], "all"):
            assert (await stranger.post(f"{link}/{word}", json={"action": "done"})).status_code == 404
        wrong = await stranger.post(f"{link}/phone", data={"code": "00000000"})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
        assert (await stranger.get(link[:-1] + ("y" if link.endswith("x") else "x"))).status_code == 404
    assert {relay["state"] for relay in (await hall.relays(campaign)).values()} == {"assigned"}


async def test_a_phone_enrolled_through_a_personal_link_is_known_from_then_on(hall: World) -> None:
    campaign = await launched(hall)
    relays = await hall.relays(campaign)
    async with phone(hall) as wangs:
        personal = await hall.link(WANG)
        assert "记住这台手机" in (await wangs.get(personal)).text
        enrolled = await wangs.post(f"{personal}/phone")
        assert enrolled.status_code == 303
        cookie = enrolled.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        page = (await wangs.get(await shared(hall))).text
        assert "王芳一群" in page
        assert "李强一群" not in page
        link = await shared(hall)
        assert (
            await wangs.post(f"{link}/relays/{relays['李强一群']['id']}", json={"action": "done"})
        ).status_code == 404
        answer = await wangs.post(f"{link}/relays/{relays['王芳一群']['id']}", data={"action": "done"})
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, link)
        foreign = {"sec-fetch-site": "cross-site"}
        assert (await wangs.post(f"{link}/all", json={"action": "done"}, headers=foreign)).status_code == 403
    assert (await hall.relays(campaign))["王芳一群"]["via"] == "leader"


async def test_a_picture_through_the_shared_link_is_a_proof_from_a_phone_that_is_known(hall: World) -> None:
    campaign = await launched(hall, proof_percent=100)
    relay, link = (await hall.relays(campaign))["王芳一群"]["id"], await shared(hall)
    sent: Any = {"data": {"action": "done"}, "files": {"proof_picture": ("a.png", PNG, "image/png")}}
    async with phone(hall) as wangs:
        assert (await wangs.post(f"{link}/relays/{relay}", **sent)).status_code == 404, "nobody knows it yet"
        assert await pictures(hall) == []
        await wangs.post(f"{await hall.link(WANG)}/phone")
        assert 'name="proof_picture"' in (await wangs.get(link)).text
        done = await wangs.post(f"{link}/relays/{relay}", **sent)
        assert (done.status_code, done.headers["location"].split("?")[0]) == (303, link)
    async with phone(hall) as stranger:
        sent["files"] = {"proof_picture": ("b.jpg", JPEG, "image/jpeg")}
        assert (await stranger.post(f"{link}/relays/{relay}", **sent)).status_code == 404
    [picture] = await pictures(hall)
    found = (await hall.relays(campaign))["王芳一群"]
    assert (found["state"], found["evidence"], found["proof_picture"]) == ("relayed", "proof", picture)
    assert (await hall.api.get(f"/api/v1/pictures/{picture}")).content == PNG


async def test_a_code_told_in_person_opens_it_for_whom_no_letter_reaches(hall: World) -> None:
    campaign = await launched(hall)
    relays, link = await hall.relays(campaign), await shared(hall)
    li = relays["李强一群"]["leader_id"]
    old = (await hall.call("POST", f"/leaders/{li}/code", status=201))["code"]
    code = (await hall.call("POST", f"/leaders/{li}/code", status=201))["code"]
    async with phone(hall) as lis:
        assert (await lis.post(f"{link}/phone", data={"code": old})).status_code == 403
        typed = f" {code[:4].upper()}-{code[4:]} "
        assert (await lis.post(f"{link}/phone", data={"code": typed})).status_code == 303
        assert "李强一群" in (await lis.get(link)).text
        done = await lis.post(f"{link}/relays/{relays['李强一群']['id']}", json={"action": "done"})
        assert done.json()["state"] == "relayed"
        await hall.api.delete(f"/api/v1/leaders/{li}")
        assert "个人码" in (await lis.get(link)).text, "whoever has left is known no more"
    audit: Any = await hall.api.get("/api/v1/audit", params={"limit": 200})
    assert code not in audit.text


async def test_guessing_codes_ends_after_ten(hall: World) -> None:
    await launched(hall)
    link = await shared(hall)
    async with phone(hall) as stranger:
        answers = [
            (await stranger.post(f"{link}/phone", data={"code": f"0000000{n % 10}"})).status_code for n in range(14)
        ]
    assert answers[:10] == [403] * 10
    assert set(answers[10:]) == {429}
