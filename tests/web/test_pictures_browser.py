"""Reports, the calendar and the other tabs in a real browser: live, printed, kept as a picture, fit for everyone."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser
from sqlalchemy import update
from sqlmodel import col

from app.core.db import Database
from app.domain.campaigns.tables import Campaign
from app.domain.relays.states import State
from tests.builders.board import call_everything
from tests.builders.relays import Handed, handed
from tests.web.at_desk import AtDesk, at_desk, grave

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='hit'\">'\"&<script>document.title='hit'</script>"


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


@pytest.fixture
def desk(browser: Browser, site: str, world: Handed) -> AtDesk:
    return at_desk(browser, site, world, zone="Europe/Berlin")


async def begun(world: Handed) -> list[str]:
    """Give the campaign a course; the pages that draw it."""
    async with world.db.write() as tx:
        hours = {"starts_at": tx.now - timedelta(minutes=30), "ends_at": tx.now + timedelta(hours=2)}
        await tx.run(update(Campaign).where(col(Campaign.id) == world.campaign_id).values(**hours, planned_at=tx.now))
    await world.put(0, state=State.MISSED)
    here = f"/campaigns/{world.campaign_id}"
    pages = ("", "/report", "/report/share", "/missed/print", "/missed")
    return [*(here + each for each in pages), "/calendar", "/calendar?days=1", "/calendar?from=2020-01-01"]


async def test_the_other_tabs_live_too(desk: AtDesk, world: Handed, site: str) -> None:
    async with desk() as page, httpx.AsyncClient(base_url=site) as phone:
        await page.goto(f"/campaigns/{world.campaign_id}/relays")
        await page.get_by_text("Live", exact=True).wait_for()
        await phone.post(world.press(0), data={"action": "done"})
        await page.locator(f"#at-{world.relays[0]}").get_by_text("relayed").wait_for()
        await page.goto(f"/campaigns/{world.campaign_id}/missed")
        await page.get_by_text("Live", exact=True).wait_for()
        await phone.post(world.press(1), data={"action": "cannot", "reason": "travelling"})
        await page.get_by_text("This list has changed").click()
        await page.get_by_role("link", name="朝阳二群", exact=True).wait_for()


@pytest.mark.parametrize(("width", "tongue", "dark"), [(390, "zh-CN", False), (1280, "en", True)])
async def test_pictures_are_fit_for_everyone(desk: AtDesk, world: Handed, width: int, tongue: str, dark: bool) -> None:
    pages = await begun(world)
    found = []
    async with desk(width=width, tongue=tongue, dark=dark) as page:
        for path in pages:
            await page.goto(path)
            found += await grave(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert found == []


async def test_a_report_is_kept_as_a_picture_and_goes_on_paper(desk: AtDesk, world: Handed, tmp_path: Path) -> None:
    await begun(world)
    await call_everything(world, HOSTILE)
    async with desk() as page:
        await page.goto(f"/campaigns/{world.campaign_id}/report")
        assert await page.title() != "hit"
        async with page.expect_download() as waited:
            await page.get_by_role("button", name="PNG").click()
        await (await waited.value).save_as(tmp_path / "report.png")
        assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / "report.png").stat().st_size > 10_000
        await page.emulate_media(media="print")
        assert await page.locator("nav.ways, .controls, .tabs").locator("visible=true").count() == 0
        assert (await page.pdf(format="A4")).startswith(b"%PDF")


async def test_a_shared_report_needs_no_key_and_no_javascript(
    desk: AtDesk, browser: Browser, world: Handed, site: str
) -> None:
    await begun(world)
    async with desk() as page:
        await page.goto(f"/campaigns/{world.campaign_id}/report")
        await page.get_by_role("link", name="Share this report").click()
        await page.get_by_role("button", name="Make a link").click()
        link = await page.locator("output.secret").inner_text()
    stranger = await (await browser.new_context(locale="zh-CN", java_script_enabled=False)).new_page()
    await stranger.goto(link)
    await stranger.get_by_text("朝阳一群").wait_for()
    assert await stranger.get_by_text("李梅").count() == 0
    assert await stranger.get_by_text("用浏览器菜单里的“打印”").is_visible()
    assert not await stranger.get_by_role("button", name="PNG").is_visible()
    assert link.startswith(site)
    await stranger.context.close()
