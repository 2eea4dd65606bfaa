"""A newcomer's first hour, in a real browser, without leaving the pages: from the first sign-in to the printed report.
The worker and the practice platform are real, and time passes by the story's clock."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from app.main import create_app
from tests.conftest import T0
from tests.web.at_desk import opened_at, sign_in, window
from tests.world import World, world_on

pytestmark = [pytest.mark.alone, pytest.mark.browser]

PICTURES = os.environ.get("PICTURES_IN")
WANG, ZHAO = "5001", "5002"
ROWS = [
    "群名称,平台,群地址,发送账号,分支,负责人,负责人联系方式,副手,时区",
    *(f"业主群{n},telegram,-100{n},公告机器人,朝阳区/望京,,,,Asia/Shanghai" for n in range(1, 50)),
    *(f"楼栋群{n},微信,,,朝阳区/双井,王芳,telegram:{WANG},赵敏,Asia/Shanghai" for n in range(1, 4)),
    *(f"楼长群{n},微信,,,朝阳区/双井,赵敏,telegram:{ZHAO},,Asia/Shanghai" for n in range(1, 3)),
]
TEXT = "【停水通知】今晚 22:00 至明早 5:00 停水检修，请提前储水。"


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path, T0) as opened:
        yield opened


@pytest.fixture
async def address(world: World) -> AsyncIterator[str]:
    async with opened_at(create_app(kit=world.kit)) as found:
        yield found


class Walk:
    def __init__(self, page: Page, width: int) -> None:
        self.page, self.width, self.steps = page, width, 0

    async def look(self, name: str) -> None:
        self.steps += 1
        if PICTURES:
            await self.page.wait_for_timeout(300)
            await self.page.screenshot(
                path=Path(PICTURES) / f"{self.width}-{self.steps:02}-{name}.png", full_page=True
            )


@pytest.mark.parametrize("width", [1280, 390])
async def test_walk(world: World, browser: Browser, address: str, width: int) -> None:
    async with window(browser, address, width=width, tongue="zh-CN", zone="Asia/Shanghai") as page:
        page.set_default_timeout(8000)
        walk = Walk(page, width)
        await sign_in(page, world.api.headers["Authorization"].removeprefix("Bearer "))
        await page.goto("/accounts")
        await page.get_by_label("平台和方式").select_option("telegram")
        await page.get_by_role("button", name="继续").click()
        await page.get_by_label("名称").fill("公告机器人")
        await page.get_by_label("bot_token").fill("123456:practice-token-of-the-newcomer")
        await page.get_by_label("服务器地址").fill(world.platform)
        await page.get_by_role("button", name="保存").click()
        await walk.look("account")
        await page.get_by_role("button", name="检查密钥").click()
        await walk.look("account-checked")
        await page.goto("/groups")
        await page.get_by_role("link", name="导入表格").click()
        await walk.look("import-start")
        await page.get_by_label("表格文件").set_input_files({"name": "群.csv", "mimeType": "text/csv", "buffer": "\n".join(ROWS).encode("gb18030")})
        await page.get_by_role("button", name="看会改动什么").click()
        await walk.look("import-diff")
        await page.get_by_role("button", name="保存").click()
        await walk.look("import-saved")
        await page.goto("/groups")
        await walk.look("groups")
        await page.goto("/campaigns/new")
        await page.locator("#title").fill("停水通知")
        await page.locator("#body").fill(TEXT)
        await page.locator("#minutes").fill("30")
        await page.wait_for_timeout(1000)
        await walk.look("new")
        await page.get_by_role("button", name="保存草稿").click()
        await walk.look("preflight")
        await page.locator("#groups").fill("54")
        await page.get_by_role("button", name="向 54 个群启动").click()
        await walk.look("launched")
        await world.sim.post("/_sim/faults", json={"platform": "telegram", "target": "-1007", "kind": "drop_after_accept"})
        await world.work()
        await walk.look("planned")
        await world.forward(minutes=6, step=2)
        await walk.look("posted")
        await page.goto("/")
        await walk.look("today")
        await world.forward(minutes=60, step=20)
        await walk.look("today-later")
        await page.get_by_role("link", name="停水通知").first.click()
        await walk.look("board")
        await page.get_by_role("link", name="处理").first.click()
        await walk.look("act")
