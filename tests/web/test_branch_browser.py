"""The regional leader's page in a real browser on a phone, with and without JavaScript, in both languages."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser

from app.main import create_app
from tests.conftest import T0
from tests.servers import free_port
from tests.world import World, world_on

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES_IN")
"""A folder for screenshots, for somebody to look at."""
ZHOU, LI = "7001", "7002"


@pytest.fixture
async def told(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """Zhou leads a city of sixty groups that Li and others post in, and was just told."""
    async with world_on(database_url, tmp_path, T0) as world:
        await world.account("bot")
        rows = [
            {"group": f"{number} 号楼业主群", "branch": "华东/上海", "platform": "manual", "routes": "leader"}
            | {"leader": f"楼长{number % 7}", "leader_contact": f"telegram:{7100 + number % 7}"}
            for number in range(60)
        ]
        await world.groups(*rows)
        [city] = [one["id"] for one in (await world.call("GET", "/branches"))["items"] if one["name"] == "上海"]
        zhou = await world.call("POST", "/leaders", status=201, json={"name": "周敏", "contact": f"telegram:{ZHOU}"})
        await world.call("POST", "/assignments", status=201, json={"leader_id": zhou["id"], "branch_id": city})
        quorum = [{"percent": 90, "at_percent": 20}, {"percent": 50, "at_percent": 150, "branch": "华东"}]
        await world.launch(title="台风预警", body="今晚有台风。", cascade="tier_by_tier", quorum=quorum)
        await world.forward(seconds=5, step=1)
        yield world


@pytest.fixture
async def address(told: World) -> AsyncIterator[str]:
    port = free_port()
    app = create_app(kit=told.kit)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    app.state.stopping.set()
    server.should_exit = True
    await serving


@pytest.mark.parametrize(
    ("tongue", "width", "javascript", "words"),
    [
        ("zh", 390, False, ("已阅", "提醒他", "转给下一位", "下一页")),
        ("en", 390, True, ("I have read it", "Remind", "Hand over", "More")),
        ("zh", 1280, True, ("已阅", "提醒他", "转给下一位", "下一页")),
    ],
)
async def test_he_reads_reminds_and_pages_with_his_thumb(
    told: World, browser: Browser, address: str, tongue: str, width: int, *, javascript: bool, words: tuple[str, ...]
) -> None:
    read, remind, hand_over, more = words
    context = await browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=javascript)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)

    async def picture(name: str) -> None:
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{tongue}-{width}-{name}.png", full_page=False)

    answer = await page.goto(f"{address}{await told.link(ZHOU)}?lang={tongue}")
    assert answer is not None
    assert len(await answer.body()) < 100_000
    await picture("1-told")
    assert await page.get_by_role("button", name=remind).count() == 0, "nobody beneath was asked yet"
    await page.get_by_role("button", name=read).click()
    await page.get_by_role("status").wait_for()
    await told.forward(seconds=5, step=1)
    await page.goto(page.url.split("&told")[0])
    await page.get_by_role("button", name=remind).first.click()
    await page.get_by_role("status").wait_for()
    await picture("2-reminded")
    assert await page.get_by_role("button", name=hand_over).count() == 40
    for box in [await one.bounding_box() for one in await page.get_by_role("button", name=remind).all()]:
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= width
    await page.get_by_role("link", name=more).click()
    assert await page.get_by_role("button", name=hand_over).count() == 20
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await context.close()
    assert complaints == []


@pytest.mark.parametrize(("tongue", "width"), [("zh", 390), ("en", 1280)])
async def test_the_head_sees_who_comes_first_and_what_rang(
    told: World, browser: Browser, address: str, tongue: str, width: int
) -> None:
    await told.forward(minutes=13)
    context = await browser.new_context(viewport={"width": width, "height": 844}, locale=tongue)
    page = await context.new_page()
    await page.goto(f"{address}/signin")
    await page.locator("#key").fill(told.api.headers["Authorization"].removeprefix("Bearer "))
    await page.keyboard.press("Enter")
    rung = page.locator(".alarms li", has_text="90")
    await rung.wait_for()
    assert "台风预警" in await rung.inner_text()
    [campaign] = (await told.call("GET", "/campaigns"))["items"]
    for name, path in (("today", "/"), ("board", f"/campaigns/{campaign['id']}"), ("new", "/campaigns/new")):
        await page.goto(f"{address}{path}")
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"head-{tongue}-{width}-{name}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        if name == "board":
            tiers = await page.locator("section:has(> #tiers)").inner_text()
            assert "周敏" in tiers
            assert ("没等到" if tongue == "zh" else "went on without a word") in tiers
            assert "0 / 60" in (await page.locator("section:has(> #alarms)").inner_text()) or tongue == "en"
    await context.close()
