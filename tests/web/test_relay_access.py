"""The leader's page for those who hear it or type it, and what it costs to open."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import update
from sqlmodel import col

from app.core.db import Database
from app.domain.campaigns.states import Proof
from app.domain.campaigns.tables import Campaign
from app.domain.relays.states import State
from tests.builders.relays import Handed, handed
from tests.web.at_desk import AXE
from tests.web.test_relay_chats import put_group

pytestmark = pytest.mark.browser

PHONE: Any = {"width": 390, "height": 780}


@pytest.fixture
async def world(db: Database) -> Handed:
    """One group of each kind: with a chat and a code to ask for, taken, late, passed over, done."""
    world = await handed(db, ["一群", "二群", "三群", "四群", "五群"])
    await put_group(world, 0, platform="telegram", address="@my_channel")
    for place, state in ((1, State.ACKNOWLEDGED), (2, State.MISSED), (3, State.FAILED), (4, State.RELAYED)):
        await world.put(place, state=state, reason="travelling" if state is State.FAILED else "")
    async with db.write() as tx:
        asks = {"proof": Proof.CODE, "proof_percent": 100}
        await tx.run(update(Campaign).where(col(Campaign.id) == world.campaign_id).values(**asks))
    return world


@pytest.mark.parametrize("tongue", ["zh", "en"])
@pytest.mark.parametrize("dark", [False, True])
async def test_axe_finds_nothing(browser: Browser, site: str, world: Handed, tongue: str, dark: bool) -> None:
    context = await browser.new_context(viewport=PHONE, color_scheme="dark" if dark else "light")
    page = await context.new_page()
    await page.goto(f"{site}/r/{world.token}?lang={tongue}&said={world.relays[4]}")
    await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    await page.evaluate("document.querySelector('#waits').hidden = false; waits.textContent = 'x'")
    await page.evaluate("document.querySelectorAll('.said').forEach(each => each.style.animation = 'none')")
    found = await page.evaluate(f"{AXE}; axe.run()")
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await context.close()


async def test_everything_is_reached_and_done_by_keyboard(browser: Browser, site: str, world: Handed) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(f"{site}/r/{world.token}?lang=en")
    met = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        met.append(await page.evaluate(NAMED))
    wanted = ["中文", "一群", "The text to post", "Once posted", "Copy text", "Open chat", "Done", "I have it", "Can't"]
    places = [next(place for place, name in enumerate(met) if word in name) for word in wanted if word != "Open chat"]
    assert places == sorted(places), met
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.get_by_role("button", name="I have it").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("noted")
    await page.close()


NAMED = """() => { const at = document.activeElement;
  return at.getAttribute('aria-label') || (at.labels && at.labels[0] || at).textContent.trim(); }"""


async def test_it_opens_in_one_round_trip_and_a_second_visit_asks_for_the_page_alone(
    browser: Browser, site: str, db: Database
) -> None:
    """The head of the page names all it needs: style and script come beside each other, and are kept for a year. The
    next page needs nothing but itself before it is painted."""
    world = await handed(db, [f"朝阳区春季运动会家长交流{number}群" for number in range(40)], text="字" * 300)
    page = await browser.new_page(viewport=PHONE)
    await page.goto(f"{site}/r/{world.token}", wait_until="networkidle")
    first = await page.evaluate(LOADED)
    assert [one["kind"] for one in first] == ["navigation", "link", "script"], (
        "nothing is asked for by what was asked for"
    )
    assert sum(one["sent"] for one in first) < 30_000, "as it travels"
    assert first[0]["whole"] < 100_000
    assert sum(one["whole"] for one in first) < 120_000
    await page.goto(f"{site}/r/{world.token}", wait_until="networkidle")
    assert [one["kind"] for one in await page.evaluate(LOADED) if one["sent"]] == ["navigation"]
    await page.close()


LOADED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(each => !each.name.endsWith('.svg') && !each.name.includes('.svg?'))
  .map(each => ({kind: each.initiatorType, sent: each.transferSize, whole: each.decodedBodySize}))"""
