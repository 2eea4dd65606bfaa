"""The directory in a real browser: a sheet comes in, a group is found; fit for everyone, nothing executed."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from app.core.db import Database
from tests.builders.board import key_of
from tests.builders.directory import HEADER, bring_in, center, kit_on, sheet
from tests.builders.imports import TWO
from tests.web.at_desk import AXE

pytestmark = pytest.mark.browser

HOSTILE = (
    "\"><img src=x onerror=\"document.title='hit'\"> <script>document.title='hit'</script> {{ 7 * 7 }} ' onclick='x"
)
PICTURES = os.environ.get("PICTURES_IN")
"""A folder for screenshots of every page, for somebody to look at."""


@pytest.fixture
async def lists(db: Database) -> list[str]:
    """Every page, over a directory in which a stranger wrote all names."""
    await center(db)
    kit = kit_on(db)
    await bring_in(kit, TWO)
    row = [HOSTILE, "微信", "", "East", HOSTILE, "", "", "", HOSTILE[:50], "", "", ""]
    await bring_in(kit, sheet(HEADER, row))
    return ["/groups", "/leaders", "/tree", "/orphans", "/imports", "/leaders/new", "/accounts", "/audit", "/settings"]


async def signed_in(browser: Browser, site: str, db: Database, *, width: int, tongue: str, javascript: bool) -> Page:
    context = await browser.new_context(
        base_url=site, viewport={"width": width, "height": 900}, locale=tongue, java_script_enabled=javascript
    )
    page = await context.new_page()
    await page.goto("/signin")
    await page.locator("#key").fill(await key_of(db, "cen_1"))
    await page.keyboard.press("Enter")
    await page.wait_for_selector("nav.ways")
    return page


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_sheet_comes_in_and_its_group_is_found(
    browser: Browser, site: str, db: Database, lists: list[str], javascript: bool
) -> None:
    page = await signed_in(browser, site, db, width=1280, tongue="en", javascript=javascript)
    await page.goto(lists[0])
    await page.get_by_role("link", name="Import a sheet").click()
    content = sheet(HEADER, ["River club", "微信", *[""] * 10])
    await page.get_by_label("The sheet").set_input_files(
        {"name": "groups.csv", "mimeType": "text/csv", "buffer": content}
    )
    await page.get_by_role("button", name="See what it would change").click()
    await page.get_by_text("new groups: 1").wait_for()
    await page.get_by_role("button", name="Save it").click()
    await page.get_by_text("The sheet is saved.").first.wait_for()
    await page.goto("/groups")
    await page.get_by_label("Part of the name").fill("river")
    if not javascript:
        await page.get_by_role("button", name="Filter").click()
    await page.get_by_role("link", name="Desk").wait_for(state="detached")
    await page.get_by_role("link", name="River club").click()
    await page.get_by_label("Add a leader").fill("Ann")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_text("One more answers for it.").wait_for()
    await page.get_by_role("link", name="Remove Ann").click()
    await page.locator("dialog[open]" if javascript else "main").get_by_role("button", name="Yes, remove").click()
    await page.get_by_text("Nobody is named for this one itself.").wait_for()
    await page.context.close()


@pytest.mark.parametrize(("width", "tongue"), [(360, "zh-CN"), (1280, "en")])
async def test_every_page_is_fit_for_everyone_and_executes_nothing(
    browser: Browser, site: str, db: Database, lists: list[str], *, width: int, tongue: str
) -> None:
    page = await signed_in(browser, site, db, width=width, tongue=tongue, javascript=True)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    found: list[str] = []
    for path in lists[:3]:
        await page.goto(path)
        links = page.locator("tbody th a")
        found += [str(await links.nth(at).get_attribute("href")) for at in range(await links.count())]
    grave = []
    for number, path in enumerate([*lists, *found]):
        await page.goto(path)
        assert await page.title() != "hit", path
        judged = await page.evaluate(f"{AXE}; axe.run()")
        grave += [(path, one["id"], one["nodes"][0]["html"][:160]) for one in judged["violations"]
                  if one["impact"] in {"serious", "critical"}]  # fmt: skip
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{width}-{number:02}.png", full_page=True)
    assert (grave, complaints) == ([], [])
    await page.context.close()
