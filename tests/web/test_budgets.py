"""What a board may cost at 10,000 groups: bytes over the wire, movement under the eye, waiting under the finger."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, Page
from sqlmodel import select

from app.core.db import Database
from app.domain.links import service as links
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from tests.builders.board import key_of
from tests.builders.gallery import Gallery, gallery

pytestmark = [pytest.mark.alone, pytest.mark.browser]

GROUPS = 10_000
FIRST_PAGE = 150_000
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(seen => seen.getEntries().forEach(one => window.shifts.push(
    one.sources.map(source => source.node && source.node.outerHTML ? source.node.outerHTML.slice(0, 90) : '?')
  ))).observe({type: 'layout-shift'});
}"""
PRESS = """chosen => new Promise(done => {
  const began = performance.now();
  document.querySelector(chosen).click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
})"""


@pytest.fixture
async def big(db: Database) -> Gallery:
    return await gallery(db, groups=GROUPS, keys=("running",))


@pytest.fixture
async def board(big: Gallery, browser: Browser, site: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=site, viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = await context.new_page()
    await page.goto("/signin")
    await page.locator("#key").fill(await key_of(big.db, big.center_id))
    await page.keyboard.press("Enter")
    await page.wait_for_selector("nav.ways")
    yield page
    await context.close()


async def press_done(big: Gallery, site: str, count: int) -> AsyncIterator[int]:
    """Leaders confirm, one after another, on their own pages."""
    async with big.db.write() as tx:
        asked = select(Relay).where(Relay.state == State.ASSIGNED).order_by(Relay.id).limit(count)
        waiting = await tx.all(asked)
        tokens = [
            await links.mint(
                tx,
                center_id=big.center_id,
                campaign_id=relay.campaign_id,
                leader_id=str(relay.leader_id),
                expires_at=tx.now + timedelta(hours=1),
            )
            for relay in waiting
        ]
    async with httpx.AsyncClient(base_url=site) as phone:
        for place, (relay, token) in enumerate(zip(waiting, tokens, strict=True)):
            answer = await phone.post(f"/r/{token.text}/relays/{relay.id}", data={"action": "done"})
            assert answer.status_code == 303, answer.text
            yield place + 1


async def test_the_first_page_is_small_and_a_press_is_answered_at_once(big: Gallery, board: Page) -> None:
    here, sizes = f"/campaigns/{big.campaigns['running']}", list[float]()
    wire = await board.context.new_cdp_session(board)
    await wire.send("Network.enable")
    await wire.send("Network.clearBrowserCache")
    wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    await board.goto(here)
    await board.locator("#lanes p").wait_for()
    assert len(sizes) > 5
    assert 20_000 < sum(sizes) < FIRST_PAGE, sizes
    for page, chosen in ((here, ".tree summary"), (f"{here}/relays", "details.who summary")):
        await board.goto(page)
        took = sorted([await board.evaluate(PRESS, chosen) for _ in range(5)])
        assert took[2] < 100, took


async def test_nothing_moves_under_the_eye_while_the_board_lives(big: Gallery, board: Page, site: str) -> None:
    await board.goto(f"/campaigns/{big.campaigns['running']}")
    await board.get_by_text("实时更新中").wait_for()
    await board.locator("#lanes p").wait_for()
    await board.wait_for_timeout(500)
    await board.locator(".numbers > summary").click()
    await board.wait_for_timeout(600)
    before = await board.locator(".curve polyline.done").get_attribute("points")
    done = int(((await board.locator("#progress .facts").inner_text()).split("已送达 ")[1]).split(" / ")[0])
    await board.evaluate(SHIFTS)
    began = time.monotonic()
    async for pressed in press_done(big, site, 3):
        await board.get_by_text(f"已送达 {done + pressed} / ").first.wait_for()
    assert time.monotonic() - began < 10
    await asyncio.sleep(0.3)
    assert await board.evaluate("window.shifts") == []
    assert await board.locator(".curve polyline.done").get_attribute("points") != before
    assert await board.locator("details.numbers[open]").count() == 1
