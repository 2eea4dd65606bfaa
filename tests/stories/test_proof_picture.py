"""A proof as a picture: who may show one, what is kept of it, who sees it, and what is refused without a loss."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from app.domain.pictures.tables import Picture
from app.domain.relays.tables import Confirmation
from tests.builders.images import JPEG, PNG, png, told
from tests.world import World

WANG, LI = "5001", "5002"


@pytest.fixture
async def pair(world: World) -> World:
    """E1 and E2 are Wang's, W1 is Li's."""
    await world.account("bot")
    east = {"platform": "manual", "leader": "王芳", "leader_contact": f"telegram:{WANG}"}
    other = {"platform": "manual", "leader": "李强", "leader_contact": f"telegram:{LI}"}
    await world.groups({"group": "E1", **east}, {"group": "E2", **east}, {"group": "W1", **other})
    return world


async def asked(world: World, **how: Any) -> tuple[str, str, dict[str, str]]:
    """A campaign that wants a proof of every group, Wang's link, and the ids of the relays by group."""
    campaign = await world.launch(**{"proof_percent": 100, **how})
    await world.forward(seconds=5, step=1)
    relays = {name: one["id"] for name, one in (await world.relays(campaign)).items()}
    return campaign, await world.link(WANG), relays


async def shows(
    world: World, link: str, relay: str, content: bytes = PNG, *, name: str = "截图.png", **fields: str
) -> httpx.Response:
    """Done, as the page's form sends it with a picture."""
    files = {"proof_picture": (name, content, "image/png")}
    return await world.api.post(f"{link}/relays/{relay}", data={"action": "done", "lang": "zh", **fields}, files=files)


async def kept(world: World) -> tuple[set[str], list[Any]]:
    """The pictures there are, and what was said: (action, picture, moved) of each word."""
    async with world.kit.db.read() as tx:
        pictures = {row.id for row in await tx.table(select(col(Picture.id)))}
        said = select(col(Confirmation.action), col(Confirmation.picture_id), col(Confirmation.moved))
        return pictures, [tuple(row) for row in await tx.table(said.order_by(col(Confirmation.id)))]


async def test_words_or_a_picture_are_a_proof_and_neither_is_none(pair: World) -> None:
    campaign, link, relays = await asked(pair)
    page = (await pair.api.get(link)).text
    assert page.count('enctype="multipart/form-data"') == page.count('type="file" name="proof_picture"') == 2
    bare = await pair.api.post(
        f"{link}/relays/{relays['E1']}", data={"action": "done"}, files={"proof_picture": ("", b"")}
    )
    assert (bare.status_code, "这个群需要证明" in bare.text) == (422, True)
    assert (await shows(pair, link, relays["E1"])).status_code == 303
    assert (await pair.presses(link, "done", relays["E2"], proof="张三回了“收到”")).json()["state"] == "relayed"
    found = await pair.relays(campaign)
    assert {found[group]["evidence"] for group in ("E1", "E2")} == {"proof"}
    assert found["E2"]["proof_picture"] is None
    [shown] = (await pair.call("GET", f"/relays/{relays['E1']}"))["proofs"]
    assert (shown["leader"], shown["words"], shown["code"]) == ("王芳", "", False)
    assert shown["picture"] == found["E1"]["proof_picture"]
    assert (await pair.api.get(f"/api/v1/pictures/{shown['picture']}")).content == PNG
    [words] = (await pair.call("GET", f"/relays/{relays['E2']}"))["proofs"]
    assert (words["words"], words["picture"]) == ("张三回了“收到”", None)
    past = await pair.call("GET", f"/groups/{found['E1']['group_id']}/history")
    assert past["items"][0]["proof_picture"] == shown["picture"]
    sheet = await pair.api.get(f"/api/v1/campaigns/{campaign}/export", params={"format": "csv", "lang": "en"})
    assert shown["picture"] in sheet.text
    entries = (await pair.call("GET", "/audit"))["items"]
    assert ("leader:王芳", "picture.keep") in {(one["actor"], one["action"]) for one in entries}


async def test_pressing_twice_keeps_one_picture_and_moves_once(pair: World) -> None:
    _, link, relays = await asked(pair)
    for content in (told(), told(), told()):
        assert (await shows(pair, link, relays["E1"], content)).status_code == 303
    pictures, said = await kept(pair)
    assert said == [("done", *pictures, True), ("done", None, False), ("done", None, False)]
    [picture] = pictures
    content = (await pair.api.get(f"/api/v1/pictures/{picture}")).content
    assert b"31.2304N" not in content, "nobody learns from it where it was taken"
    assert b"by Wang" not in content


async def test_a_better_picture_is_shown_afterwards_and_the_earlier_ones_stay(pair: World) -> None:
    campaign, link, relays = await asked(pair)
    await pair.presses(link, "done", relays["E2"], proof="张三回了“收到”")
    await shows(pair, link, relays["E1"])
    first = (await pair.relays(campaign))["E1"]
    page = (await pair.api.get(link)).text
    assert (page.count("换一张截图"), page.count("补一张截图"), "今天" in page) == (1, 1, True)
    await pair.forward(minutes=90)
    for content in (JPEG, JPEG):
        again = await shows(pair, link, relays["E1"], content)
        assert (again.status_code, again.headers["location"]) == (303, f"{link}?lang=zh&said={relays['E1']}")
    await shows(pair, link, relays["E2"], JPEG, proof="还有一张截图")
    now = await pair.relays(campaign)
    second = now["E1"]["proof_picture"]
    assert (await pair.api.get(f"/api/v1/pictures/{second}")).content == JPEG
    assert now["E1"] == first | {"proof_picture": second}, "who, when and how it was done stay as they were"
    shown = await pair.call("GET", f"/relays/{relays['E1']}")
    assert [one["picture"] for one in shown["proofs"]] == [first["proof_picture"], second]
    stories = [(one["became"], one["actor"], one["reason"]) for one in shown["events"][-2:]]
    assert stories == [("relayed", "leader:王芳", ""), ("relayed", "leader:王芳", "showed a picture afterwards")]
    words = (await pair.call("GET", f"/relays/{relays['E2']}"))["proofs"]
    assert [(one["words"], one["picture"]) for one in words] == [("张三回了“收到”", None), ("还有一张截图", second)]


async def test_only_whoever_said_so_shows_more_while_his_word_is_taken_and_only_a_few_times(pair: World) -> None:
    campaign, link, relays = await asked(pair)
    await shows(pair, link, relays["E1"])
    li = (await pair.relays(campaign))["W1"]["leader_id"]
    await pair.call("POST", f"/relays/{relays['E2']}/hand-over", json={"leader_id": li})
    await pair.work()
    other = await pair.link(LI)
    await shows(pair, other, relays["E2"], JPEG)
    assert (await shows(pair, link, relays["E2"])).status_code == 303, "he had it, and Li has done it"
    assert [one["leader"] for one in (await pair.call("GET", f"/relays/{relays['E2']}"))["proofs"]] == ["李强"]
    assert "换一张截图" in (await pair.api.get(other)).text
    for side in range(2, 6):
        assert (await shows(pair, link, relays["E1"], png(side, 1))).status_code == 303
    full = await shows(pair, link, relays["E1"], png(9, 1))
    assert (full.status_code, "这个群的截图已经够了" in full.text, f'href="{link}"' in full.text) == (409, True, True)
    assert "换一张截图" not in (await pair.api.get(link)).text
    assert len((await pair.call("GET", f"/relays/{relays['E1']}"))["proofs"]) == len((await kept(pair))[0]) - 1 == 5
    await pair.call("POST", f"/campaigns/{campaign}/cancel")
    assert (await shows(pair, other, relays["E2"], png(8, 1))).status_code == 410
    assert "换一张截图" not in (await pair.api.get(other)).text
    assert len((await kept(pair))[0]) == 6


@pytest.mark.parametrize("who", ["nobody", "another leader", "called off", "no proof", "code"])
async def test_nothing_is_kept_of_whoever_is_not_asked_for_a_picture(pair: World, who: str) -> None:
    how: dict[str, Any] = {"no proof": {"proof_percent": 0}, "code": {"proof": "code"}}.get(who, {})
    campaign, link, relays = await asked(pair, **how)
    relay = relays["W1" if who == "another leader" else "E1"]
    if who == "called off":
        await pair.call("POST", f"/campaigns/{campaign}/cancel")
    answer = await shows(pair, "/r/nobody" if who == "nobody" else link, relay)
    status = {"nobody": 404, "another leader": 404, "called off": 410}.get(who, 422)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    pictures, said = await kept(pair)
    assert pictures == set()
    assert {picture for _, picture, _ in said} <= {None}
    assert (await pair.relays(campaign))["E1"]["state"] != "relayed"


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 422, "这张图片用不了"),
        (b"<html><script>alert(1)</script></html>", 422, "这张图片用不了"),
        (b"", 422, "这张图片用不了"),
        (PNG[:-9], 422, "这张图片用不了"),
        (png(20_000, 10), 422, "这张图片用不了"),
        (PNG + b"x" * 2_000_000, 413, "这张图片太大了"),
        (PNG + b"x" * 3_000_000, 413, "这张图片太大了"),
    ],
)
async def test_a_file_that_cannot_be_used_is_said_to_be_so_and_the_group_stays_open(
    pair: World, content: bytes, status: int, why: str
) -> None:
    campaign, link, relays = await asked(pair)
    answer = await shows(pair, link, relays["E1"], content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert re.search(rf"{why}|This picture", answer.text)
    assert f'href="{link}"' in answer.text, "the way back"
    assert await kept(pair) == (set(), [])
    assert (await shows(pair, link, relays["E1"], JPEG)).status_code == 303
    assert (await pair.relays(campaign))["E1"]["state"] == "relayed"


async def test_a_form_with_more_than_its_picture_is_a_page_and_no_more(pair: World) -> None:
    _, link, relays = await asked(pair)
    two = [("proof_picture", ("a.png", PNG, "image/png")), ("proof_picture", ("b.png", PNG, "image/png"))]
    answer = await pair.api.post(f"{link}/relays/{relays['E1']}", data={"action": "done"}, files=two)
    other = await pair.api.post(
        f"{link}/relays/{relays['E1']}", data={"action": "done"}, files={"proof": ("a.png", PNG, "image/png")}
    )
    everything = await pair.api.post(f"{link}/all", data={"action": "done"}, files={"proof_picture": ("a.png", PNG)})
    for refused in (answer, other, everything):
        assert (refused.status_code, refused.headers["content-type"]) == (422, "text/html; charset=utf-8")
    long = await pair.api.post(f"{link}/all", content=b"x" * 1_100_000)
    assert (long.status_code, long.headers["content-type"]) == (413, "application/problem+json")

    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="proof_picture"; filename="a.png"\r\n\r\n'
        for _ in range(3):
            yield b"x" * 1_000_000

    headers = {"content-type": "multipart/form-data; boundary=x"}
    unsaid = await pair.api.post(f"{link}/relays/{relays['E1']}", content=endless(), headers=headers)
    assert (unsaid.status_code, unsaid.headers["content-type"]) == (413, "text/html; charset=utf-8")
    shared = await shows(pair, "/g/nobody", relays["E1"], PNG + b"x" * 1_500_000)
    assert shared.status_code == 404, "in the main group's link a picture has the same room"
    assert await kept(pair) == (set(), [])


async def test_a_picture_goes_after_a_month_but_not_while_it_proves_something(pair: World) -> None:
    _, link, relays = await asked(pair)
    for content in (PNG, png(2, 1)):
        await shows(pair, link, relays["E1"], content)
    left = await pair.call("POST", "/pictures", status=201, files={"file": ("a.jpg", JPEG, "image/jpeg")})
    await pair.forward(minutes=60 * 24 * 31, step=60 * 60 * 24 * 31)
    await pair.forward(minutes=60, step=60)
    pictures, said = await kept(pair)
    assert pictures == {picture for _, picture, _ in said}
    assert len(pictures) == 2, "the one that was shown first is kept as well"
    assert (await pair.api.get(f"/api/v1/pictures/{left['id']}")).status_code == 404
