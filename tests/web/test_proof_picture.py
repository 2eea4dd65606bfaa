"""A picture as a proof on a phone: chosen and sent with and without JavaScript, too large, and without a network; and
how the head sees it."""

import os
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect
from sqlalchemy import update
from sqlmodel import col, select

from app.core.db import Database
from app.domain.access.states import Role
from app.domain.campaigns.tables import Campaign
from app.domain.pictures.tables import Picture
from app.domain.relays.states import Evidence, State
from tests.builders.board import key_of
from tests.builders.images import JPEG, PNG, chunk
from tests.builders.relays import Handed, handed

pytestmark = pytest.mark.browser

SIDE = 1_000
DONE = {"zh": "已发送", "en": "Done"}
CHOOSE = {"zh": "或者选一张群里的截图", "en": "Or a screenshot of the group"}
TOO_LARGE = {"zh": "这张图片太大了", "en": "This picture is too large"}
BETTER = {"zh": "换一张截图", "en": "Hand in a better picture"}
BACK = {"zh": "返回任务页", "en": "Back to your groups"}
OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


def photo(content: bytes = PNG) -> FilePayload:
    return {"name": "截图.png", "mimeType": "image/png", "buffer": content}


def large() -> bytes:
    """A picture of noise, so that nothing makes it smaller: three megabytes."""
    lines = b"".join(b"\0" + os.urandom(3 * SIDE) for _ in range(SIDE))
    head = chunk(b"IHDR", SIDE.to_bytes(4) * 2 + b"\x08\x02\0\0\0")
    return PNG[:8] + head + chunk(b"IDAT", zlib.compress(lines, 0)) + chunk(b"IEND", b"")


@pytest.fixture
def phone(browser: Browser, site: str) -> OpenPage:
    @asynccontextmanager
    async def opened(path: str, *, lang: str, javascript: bool) -> AsyncIterator[Page]:
        context = await browser.new_context(
            base_url=site,
            viewport={"width": 375, "height": 740},
            has_touch=True,
            locale="zh-CN" if lang == "zh" else "en-US",
            java_script_enabled=javascript,
        )
        page = await context.new_page()
        await page.goto(f"{path}?lang={lang}")
        yield page
        await context.close()

    return opened


@pytest.fixture
async def world(db: Database) -> Handed:
    made = await handed(db, ["朝阳一群"])
    async with db.write() as tx:
        await tx.run(update(Campaign).where(col(Campaign.id) == made.campaign_id).values(proof_percent=100))
    return made


async def kept(world: Handed) -> list[Picture]:
    async with world.db.read() as tx:
        return await tx.all(select(Picture))


@pytest.mark.parametrize(("lang", "javascript"), [("zh", True), ("en", False)])
async def test_a_picture_is_chosen_and_sent_with_done(
    phone: OpenPage, world: Handed, lang: str, javascript: bool
) -> None:
    async with phone(f"/r/{world.token}", lang=lang, javascript=javascript) as page:
        box = await page.get_by_label(CHOOSE[lang]).bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") if javascript else True
        await page.get_by_label(CHOOSE[lang]).set_input_files(photo())
        await page.get_by_role("button", name=DONE[lang], exact=True).tap()
        await expect(page.get_by_role("heading", level=1)).to_contain_text({"zh": "全部完成", "en": "All done"}[lang])
    relay = await world.relay()
    assert (relay.state, relay.evidence) == (State.RELAYED, Evidence.PROOF)
    [picture] = await kept(world)
    assert [(said.picture_id, said.moved) for said in await world.said()] == [(picture.id, True)]
    assert picture.created_by == "leader:李梅"


@pytest.mark.parametrize(("lang", "javascript"), [("zh", False), ("en", True)])
async def test_a_better_picture_is_handed_in_afterwards(
    phone: OpenPage, world: Handed, lang: str, javascript: bool
) -> None:
    async with phone(f"/r/{world.token}", lang=lang, javascript=javascript) as page:
        await page.get_by_label(CHOOSE[lang]).set_input_files(photo())
        await page.get_by_role("button", name=DONE[lang], exact=True).tap()
        await page.locator(".panel.finished").wait_for()
        await page.get_by_text(BETTER[lang]).tap()
        await page.locator(".again input[type=file]").set_input_files(photo(JPEG))
        async with page.expect_navigation():
            await page.get_by_role("button", name={"zh": "交上去", "en": "Hand it in"}[lang]).tap()
        await expect(page.get_by_text({"zh": "已收到截图", "en": "Picture received"}[lang])).to_be_visible()
    relay, said = await world.relay(), await world.said()
    assert relay.relayed_at == said[0].at
    assert [one.moved for one in said] == [True, False]
    assert {one.picture_id for one in said} == {picture.id for picture in await kept(world)}


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_photo_that_is_too_large_is_said_to_be_so_and_words_will_do(
    phone: OpenPage, world: Handed, lang: str
) -> None:
    """Without JavaScript: the browser hears why although it was still sending."""
    async with phone(f"/r/{world.token}", lang=lang, javascript=False) as page:
        await page.get_by_label(CHOOSE[lang]).set_input_files(photo(large()))
        await page.get_by_role("button", name=DONE[lang], exact=True).tap()
        await page.get_by_role("heading", name=TOO_LARGE[lang]).wait_for()
        assert (await world.relay()).state is State.ASSIGNED
        await page.get_by_role("link", name=BACK[lang]).tap()
        await page.locator("input[name=proof]").fill("ok")
        await page.get_by_role("button").and_(page.locator(".main")).tap()
        await page.locator(".panel.finished").wait_for()
    assert await kept(world) == []


async def test_a_large_photo_is_made_smaller_on_the_phone_itself(phone: OpenPage, world: Handed) -> None:
    """Done can be pressed again as soon as it is."""
    async with phone(f"/r/{world.token}", lang="zh", javascript=True) as page:
        await page.get_by_label(CHOOSE["zh"]).set_input_files(photo(large()))
        await page.get_by_role("button", name=DONE["zh"], exact=True).tap()
        await page.locator(".panel.finished").wait_for()
    [picture] = await kept(world)
    assert picture.kind.value == "jpeg"


async def test_without_a_network_a_picture_is_not_said_to_be_sent(phone: OpenPage, world: Handed) -> None:
    async with phone(f"/r/{world.token}", lang="zh", javascript=True) as page:
        await page.get_by_label(CHOOSE["zh"]).set_input_files(photo())
        await page.context.set_offline(True)
        await page.get_by_role("button", name=DONE["zh"], exact=True).tap()
        await expect(page.get_by_role("alert")).to_contain_text("图片还没有交上去")
        await page.context.set_offline(False)
        await page.get_by_role("button", name=DONE["zh"], exact=True).tap()
        await page.locator(".panel.finished").wait_for()
    assert len(await kept(world)) == 1


async def test_the_head_sees_the_picture_where_he_sees_the_proof(
    browser: Browser, site: str, world: Handed, phone: OpenPage
) -> None:
    async with phone(f"/r/{world.token}", lang="zh", javascript=True) as page:
        await page.get_by_label(CHOOSE["zh"]).set_input_files(photo())
        await page.locator("input[name=proof]").fill("<script>alert(1)</script>")
        await page.get_by_role("button", name=DONE["zh"], exact=True).tap()
        await page.locator(".panel.finished").wait_for()
    context = await browser.new_context(base_url=site, locale="zh-CN")
    desk = await context.new_page()
    await desk.goto("/signin")
    await desk.locator("#key").fill(await key_of(world.db, world.center_id, Role.VIEWER))
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector("nav.ways")
    await desk.goto(f"/campaigns/{world.campaign_id}/relays")
    await expect(desk.get_by_role("link", name="看图片")).to_be_visible()
    await desk.goto(f"/relays/{world.relays[0]}")
    await expect(desk.get_by_text("<script>alert(1)</script>")).to_be_visible()
    shown = desk.get_by_role("img", name="负责人交来的图片")
    await shown.scroll_into_view_if_needed()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    await context.close()
