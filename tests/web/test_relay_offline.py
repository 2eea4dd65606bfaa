"""A phone that loses its network at the tap: the word is kept, sent once when it is back, and never claimed before."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import update
from sqlmodel import col

from app.core.db import Database
from app.domain.campaigns.states import Proof
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign
from app.domain.relays.rules import code_of
from app.domain.relays.states import Evidence, State
from tests.builders.relays import TEXT, Handed, handed

pytestmark = pytest.mark.browser

DONE = "已发送"


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


@pytest.fixture
async def phone(browser: Browser, site: str) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        base_url=site,
        viewport={"width": 390, "height": 780},
        has_touch=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield context
    await context.close()


async def opened(phone: BrowserContext, world: Handed) -> Page:
    page = await phone.new_page()
    await page.goto(f"/r/{world.token}")
    return page


async def tap(page: Page, place: int = 0) -> None:
    await page.get_by_role("button", name=DONE, exact=True).nth(place).tap()


async def test_a_tap_without_a_network_is_kept_and_sent_once_when_it_is_back(
    phone: BrowserContext, world: Handed
) -> None:
    page = await opened(phone, world)
    await phone.set_offline(True)
    await tap(page)
    await expect(page.get_by_role("alert")).to_contain_text("暂时没有网络")
    await tap(page)  # once more, out of doubt
    await tap(page, 1)
    assert [said for said in await world.said() if said.moved] == []
    assert world.token not in await page.evaluate("JSON.stringify(localStorage)")
    await phone.set_offline(False)
    await expect(page.get_by_role("status")).to_contain_text("已记为发送")
    await expect(page.get_by_role("alert")).to_be_hidden()
    assert len(await world.said()) == 2
    assert [(await world.relay(place)).state for place in range(3)].count(State.RELAYED) == 2
    assert await page.evaluate("localStorage.length") == 0


async def test_a_kept_tap_outlives_the_page(phone: BrowserContext, world: Handed) -> None:
    page = await opened(phone, world)
    await phone.set_offline(True)
    await page.get_by_text("3 个群都发好了").tap()
    await page.get_by_role("button", name="确认，全部已发送").tap()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.close()
    await phone.set_offline(False)
    again = await opened(phone, world)
    await expect(again.get_by_role("heading", name="全部完成，谢谢你！")).to_be_visible()
    assert {(await world.relay(place)).state for place in range(3)} == {State.RELAYED}


async def test_a_server_that_stumbles_is_asked_again(phone: BrowserContext, world: Handed) -> None:
    page = await opened(phone, world)
    stumbles = 1

    async def gateway(route: Route) -> None:
        nonlocal stumbles
        stumbles -= 1
        await (route.fulfill(status=502, body="bad gateway") if stumbles >= 0 else route.continue_())

    await page.route("**/relays/*", gateway)
    await tap(page)
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("status")).to_contain_text("已记为发送")
    assert len([said for said in await world.said() if said.moved]) == 1


@pytest.mark.parametrize("what", ["done by another", "called off"])
async def test_a_tap_that_comes_too_late_hears_what_happened(phone: BrowserContext, world: Handed, what: str) -> None:
    page = await opened(phone, world)
    await phone.set_offline(True)
    await tap(page)
    relay = await page.locator("form.sent").get_attribute("action") or ""
    if what == "called off":
        await world.control(Control.CANCELLED)
    else:
        await world.put(world.relays.index(relay.rpartition("/")[2]), state=State.RELAYED, late=True)
    await phone.set_offline(False)
    if what == "called off":
        await expect(page.get_by_role("heading", name="这次转发已取消")).to_be_visible()
        await page.get_by_role("link", name="返回任务页").tap()
        await expect(page.get_by_role("heading", name="这次转发已取消")).to_be_visible()
    else:
        await expect(page.get_by_role("status")).to_contain_text("已记为发送（晚发）")
    assert [said.moved for said in await world.said()] == [False]
    assert await page.evaluate("localStorage.length") == 0


async def test_back_leads_out_of_the_page_and_not_to_a_word_said_before(phone: BrowserContext, world: Handed) -> None:
    page = await phone.new_page()
    await page.goto("/healthz")
    await page.goto(f"/r/{world.token}")
    await tap(page)
    await page.get_by_role("status").wait_for()
    await page.go_back()
    assert page.url.endswith("/healthz")
    await page.go_forward()
    await expect(page.get_by_text("已完成 1 / 3 个群")).to_be_visible()
    assert len(await world.said()) == 1


async def test_the_code_is_in_what_is_copied_and_not_in_what_is_shown(phone: BrowserContext, world: Handed) -> None:
    async with world.db.write() as tx:
        asks = {"proof": Proof.CODE, "proof_percent": 100}
        await tx.run(update(Campaign).where(col(Campaign.id) == world.campaign_id).values(**asks))
    page = await opened(phone, world)
    form = page.locator("form:has(.copy)").first
    relay = (await form.get_attribute("action") or "").rpartition("/")[2]
    code = code_of("seed", relay)
    assert code not in await page.inner_text("main")
    assert code not in await form.locator("textarea.text").input_value()
    await form.get_by_role("button", name="复制文字").tap()
    await form.get_by_role("button", name="已复制，去群里粘贴").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == f"{TEXT}\n（核对码：{code}）"
    await form.locator("textarea.text").select_text()
    await page.keyboard.press("Control+C")
    assert await page.evaluate("navigator.clipboard.readText()") == f"{TEXT}\n（核对码：{code}）"
    await form.get_by_label("填上 4 位核对码").fill("2222")
    await tap(page)
    await page.get_by_role("heading", name="核对码不对").wait_for()
    await page.get_by_role("link", name="返回任务页").tap()
    await page.locator("form:has(.copy)").first.get_by_label("填上 4 位核对码").fill(code.lower())
    await page.keyboard.press("Enter")
    await page.get_by_role("status").wait_for()
    assert (await world.relay(world.relays.index(relay))).evidence is Evidence.PROOF
