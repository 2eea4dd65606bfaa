"""Every page that is taken as a picture is fit for everyone: on a phone and on a desk, in both languages, by day and by
night, in width and in words."""

import dataclasses
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.db import Database
from app.main import create_app
from tests.builders.board import key_of
from tests.builders.gallery import Gallery, gallery
from tests.builders.relays import kit_on
from tests.web.at_desk import grave, opened_at, sign_in, window
from tests.web.pictures import paths

pytestmark = pytest.mark.browser

GROUPS = 24
PARTS = 5
"""Judging a page takes a good part of a second: they are judged in parts, side by side."""
UNFILLED = re.compile(r"\{[a-z_]+\}|<(?:built-in|function|bound|generator|\w+ object)|\bNone\b|\bundefined\b")
"""What stands where a word of ours was forgotten."""
BRACES = {"{group}", "{branch}", "{leader}", "{members}"}


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> AsyncIterator[str]:
    """The whole application, with every way into a platform."""
    async with kit_on(db, tmp_path) as bare:
        kit = dataclasses.replace(bare, channels=channels(Guard(frozenset())))
        async with opened_at(create_app(kit=kit)) as address:
            yield address


@pytest.fixture
async def made(db: Database) -> Gallery:
    return await gallery(db, groups=GROUPS)


async def _flaws(page: Page, width: int) -> list[object]:
    found: list[object] = [*await grave(page)]
    if await page.evaluate("document.documentElement.scrollWidth") > width:
        found.append((page.url, "too wide"))
    words = set(UNFILLED.findall(await page.locator("body").inner_text())) - BRACES
    return [*found, *((page.url, word) for word in words)]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("width", "tongue", "dark"), [(390, "zh-CN", False), (1280, "en", True)])
async def test_every_page_is_fit_for_everyone(
    made: Gallery, browser: Browser, site: str, width: int, tongue: str, *, dark: bool, part: int
) -> None:
    flaws = []
    async with window(browser, site, width=width, tongue=tongue, dark=dark, zone="Asia/Shanghai") as page:
        await sign_in(page, await key_of(made.db, made.center_id))
        for _, path in list(paths(made))[part::PARTS]:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            flaws += await _flaws(page, width)
    assert flaws == []


PRINTED = {
    "zh-CN": ["截至", "总计", "已送达", "计划与实际", "各分支", "望京", "各平台", "通知过谁、什么时候", "谁没收到"],
    "en": [
        "As of",
        "In all",
        "relayed",
        "Plan against actual",
        "Branches",
        "望京",
        "By platform",
        "Who was told",
        "Who missed it",
    ],
}


@pytest.mark.parametrize("tongue", list(PRINTED))
async def test_the_printed_report_has_all_its_parts_and_nothing_that_paper_cannot_do(
    made: Gallery, browser: Browser, site: str, tongue: str
) -> None:
    here = f"/campaigns/{made.campaigns['finished']}"
    async with window(browser, site, width=700, tongue=tongue, dark=True, zone="Asia/Shanghai") as page:
        await sign_in(page, await key_of(made.db, made.center_id))
        for path, parts in ((f"{here}/report", PRINTED[tongue]), (f"{here}/missed/print", [PRINTED[tongue][-1], "☐"])):
            await page.goto(path)
            await page.emulate_media(media="print")
            text = await page.locator("body").inner_text()
            assert [word for word in ("春季运动会报名", "阳光社区", *parts) if word not in text] == []
            hidden = ".top, .tabs, .controls, .crumb, button, .button, .pulse, .numbers"
            assert await page.locator(hidden).locator("visible=true").count() == 0
            assert await page.evaluate("document.documentElement.scrollWidth") <= 700
            assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
            sheets = await page.pdf(format="A4")
            assert 1 <= len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 4
