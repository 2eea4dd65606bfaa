"""A campaign is drafted and launched in a real browser: with live preview, without JavaScript, by anyone."""

import pytest
from playwright.async_api import Browser, Page

from app.core.db import Database
from tests.builders.drafting import furnished
from tests.builders.relays import Handed
from tests.web.at_desk import AtDesk, at_desk, grave
from tests.web.test_board_browser import HOSTILE

pytestmark = pytest.mark.browser


@pytest.fixture
async def world(db: Database) -> Handed:
    return await furnished(db)


@pytest.fixture
def desk(browser: Browser, site: str, world: Handed) -> AtDesk:
    return at_desk(browser, site, world, forgives=422)


async def fit(page: Page, width: int) -> None:
    assert await grave(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.parametrize(("javascript", "width", "dark"), [(True, 1280, False), (True, 360, True), (False, 360, False)])
async def test_a_campaign_is_drafted_and_launched(
    desk: AtDesk, world: Handed, javascript: bool, width: int, dark: bool
) -> None:
    async with desk(javascript=javascript, width=width, dark=dark) as page:
        await page.goto("/scripts/welcome")
        await page.get_by_role("link", name="Start a campaign with it").click()
        await page.get_by_label("Title").fill(HOSTILE[:200])
        await page.locator("#var_community").fill(HOSTILE)
        await page.locator("input[name=branches]").first.check()
        if not javascript:
            await page.get_by_role("button", name="Refresh preview").click()
        await page.locator("#shown", has_text=HOSTILE[:40]).wait_for()
        await page.locator("#shown", has_text="3 groups").wait_for()
        await page.get_by_role("button", name="Save the draft").click()
        await page.get_by_text("To be mended").wait_for()
        assert await page.locator("#var_rules_url").get_attribute("aria-invalid") == "true"
        assert await page.locator("#var_community").input_value() == HOSTILE
        if javascript:
            await fit(page, width)
        for name in ("purpose", "nickname"):
            await page.locator(f"#var_{name}").fill("reading")
        await page.locator("#var_rules_url").fill("https://example.com/rules")
        await page.get_by_role("button", name="Save the draft").click()
        await page.get_by_text("The draft is saved").wait_for()
        if javascript:
            await fit(page, width)
        assert await page.title() != "hit"
        await page.get_by_role("button", name="Launch to 3 groups").click()
        await page.get_by_text("Launched.", exact=True).wait_for()


async def test_a_chosen_script_brings_its_fields_and_leaves_what_was_written(desk: AtDesk, world: Handed) -> None:
    async with desk(tongue="zh-CN") as page:
        await page.goto("/campaigns/new")
        await page.locator("#title").fill("晨读")
        await page.locator("#body").fill("大家早上好")
        await page.locator("#shown", has_text="大家早上好").wait_for()
        await page.locator("#script").select_option("welcome")
        await page.locator("#var_community").wait_for()
        await page.locator("#script").select_option("")
        await page.locator("#body").wait_for()
        assert await page.locator("#body").input_value() == "大家早上好"
        assert await page.locator("#title").input_value() == "晨读"


@pytest.mark.parametrize(("javascript", "width"), [(True, 1280), (False, 390)])
async def test_single_groups_are_found_picked_and_counted(
    desk: AtDesk, world: Handed, javascript: bool, width: int
) -> None:
    async with desk(javascript=javascript, width=width) as page:
        await page.goto("/campaigns/new")
        assert not await page.locator("#window").is_visible()
        await page.locator("summary", has_text="Pick single groups").click()
        await page.locator("#find").fill("一群")
        if not javascript:
            await page.get_by_role("button", name="Find", exact=True).click()
        await page.get_by_label("Add 朝阳一群").check()
        if not javascript:
            await page.get_by_role("button", name="Refresh preview").click()
        await page.locator("#shown", has_text="1 groups").wait_for()
        assert await page.get_by_label("Add 朝阳一群").is_checked()
        if javascript:
            await page.evaluate("document.querySelectorAll('details.further').forEach(each => { each.open = true; })")
            await fit(page, width)
