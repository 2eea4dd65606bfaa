"""A newcomer's first hour, in a real browser, without leaving the pages: from the first sign-in to the printed report.
The worker and the practice platform are real; time passes by the story's clock, but for the second that is measured."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from app.main import create_app
from tests.conftest import T0
from tests.web.at_desk import grave, opened_at, sign_in, window
from tests.world import World, world_on

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES_IN")
"""A folder for a picture of every step, for somebody to look at."""
WANG, ZHAO, LI = "5001", "5002", "5003"
BOTS = 49
ROWS = [
    "群名称,平台,群地址,发送账号,分支,负责人,负责人联系方式,副手",
    *(f"业主群{n},telegram,-100{n},公告机器人,朝阳区/望京,赵敏,telegram:{ZHAO}," for n in range(1, BOTS + 1)),
    *(f"楼栋群{n},微信,,,朝阳区/双井,王芳,telegram:{WANG},赵敏" for n in range(1, 4)),
    *(f"楼长群{n},微信,,,朝阳区/双井,李强,telegram:{LI}," for n in range(1, 3)),
]
GROUPS = len(ROWS) - 1
TEXT = "【停水通知】今晚 22:00 至明早 5:00 停水检修，请提前储水。"
UNSURE = "业主群7"


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path, T0) as opened:
        yield opened


@pytest.fixture
async def address(world: World) -> AsyncIterator[str]:
    async with opened_at(create_app(kit=world.kit)) as found:
        yield found


class Newcomer:
    """Somebody who has never seen these pages, and goes where they lead."""

    def __init__(self, page: Page, world: World, width: int) -> None:
        self.page, self.world, self.width = page, world, width
        self.steps = 0

    async def look(self) -> None:
        """Every step is fit for everyone, and fits."""
        self.steps += 1
        assert await grave(self.page) == []
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= self.width, self.page.url
        if PICTURES:
            path = Path(PICTURES) / f"{self.width}-{self.steps:02}.png"
            await self.page.screenshot(path=path, full_page=await self.page.locator("dialog[open]").count() == 0)

    async def go(self, link: str) -> None:
        await self.page.get_by_role("link", name=link).first.click()

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button).first.click()

    async def sees(self, words: str) -> None:
        await self.page.get_by_text(words).first.wait_for()

    async def settles_in(self) -> None:
        """The center and an account, as today's first steps say."""
        await self.sees("第一次用？从这里开始")
        await self.look()
        await self.go("填好中心的时区")
        await self.page.get_by_label("时区").fill("Asia/Shanghai")
        await self.press("保存")
        await self.sees("设置已保存")
        await self.go("今天")
        await self.go("连上发送账号")
        await self.page.get_by_label("平台和方式").select_option(label="Telegram：机器人")
        await self.press("继续")
        await self.page.get_by_label("名称").fill("公告机器人")
        await self.page.get_by_label("机器人令牌").fill("123456:practice-token-of-the-newcomer")
        await self.page.get_by_label("服务器地址").fill(self.world.platform)
        await self.look()
        await self.press("保存")
        await self.press("检查密钥")
        await self.sees("密钥有效")
        await self.look()

    async def imports(self) -> None:
        await self.go("今天")
        await self.go("导入群和负责人")
        content = "\n".join(ROWS).encode("gb18030")  # as a spreadsheet in China saves it
        sheet = {"name": "群.csv", "mimeType": "text/csv", "buffer": content}
        await self.page.get_by_label("表格文件").set_input_files(sheet)
        await self.look()
        await self.press("看会改动什么")
        await self.sees(f"保存后：新增 {GROUPS} 个群，更新 0 个群。")
        await self.sees("楼栋群3")
        await self.look()
        await self.press("保存")
        await self.sees("表格已保存。")

    async def writes(self) -> None:
        await self.page.locator("main").get_by_role("link", name="新建任务").click()
        await self.page.get_by_label("任务名称").fill("停水通知")
        await self.page.get_by_label("正文").fill(TEXT)
        await self.page.get_by_label("负责人要在多少分钟内转发完").fill("30")
        await self.page.locator("#shown", has_text=TEXT).wait_for()
        await self.page.locator("#shown", has_text=f"共 {GROUPS} 个群").wait_for()
        assert not await self.page.locator("#send_at").is_visible(), "nobody fills in an hour that does not count"
        await self.look()
        await self.press("保存草稿")
        await self.sees("草稿已保存，还没有发出任何消息。")

    async def launches(self) -> None:
        await self.sees("没有发现问题")
        await self.look()
        await self.page.get_by_label("请输入这个数字再启动").fill("45")
        await self.press(f"向 {GROUPS} 个群启动")
        await self.sees("数字不对")
        assert await self.world.received() == []
        await self.page.get_by_label("请输入这个数字再启动").fill(str(GROUPS))
        await self.page.keyboard.press("Enter")
        await self.sees("已启动。")
        await self.sees("实时更新中")

    async def watches(self) -> None:
        """The board he has before him since the launch says everything by itself."""
        fault = {"platform": "telegram", "target": "-1007", "kind": "drop_after_accept"}
        await self.world.sim.post("/_sim/faults", json=fault)
        await self.world.work()
        await self.page.locator("#board .tree", has_text="朝阳区").wait_for()
        await self.world.forward(minutes=7, step=8)
        await self.sees(f"已送达 {BOTS - 1} / {GROUPS} 个群")
        await self.page.locator("#missing", has_text=UNSURE).wait_for()
        campaign = self.page.url.split("/campaigns/")[1].split("?")[0]
        relays = await self.world.relays(campaign)
        await self.page.wait_for_timeout(2_000)  # seven minutes came at once
        links = {leader: await self.world.link(leader) for leader in (WANG, LI)}
        waited = []
        for place, (leader, group) in enumerate(((WANG, "楼栋群1"), (LI, "楼长群1"), (LI, "楼长群2"))):
            began = time.monotonic()
            await self.world.presses(links[leader], "done", relays[group]["id"])
            await self.sees(f"已送达 {BOTS + place} / {GROUPS} 个群")
            waited.append(time.monotonic() - began)
        assert sorted(waited)[1] < 1.0, waited
        await self.look()

    async def finds_two_misses(self) -> None:
        await self.page.goto("/")
        await self.sees("实时更新中")
        await self.world.forward(minutes=45, step=60)
        await self.sees("3 个群还没收到")
        await self.look()
        await self.go("3 个群还没收到")
        for group in ("楼栋群2", "楼栋群3", UNSURE):
            await self.page.locator("#missing tr", has_text=group).wait_for()
        await self.look()

    async def nudges(self) -> None:
        before = len(await self.world.letters(ZHAO))
        await self.page.get_by_role("link", name="处理 楼栋群2").focus()
        await self.page.keyboard.press("Enter")
        await self.page.locator("dialog[open] h2", has_text="楼栋群2").wait_for()
        await expect(self.page.locator("dialog[open] h2")).to_be_in_viewport()
        await self.look()
        await self.page.keyboard.press("Tab")
        await expect(self.page.get_by_role("button", name="现在提醒")).to_be_focused()
        await self.page.keyboard.press("Enter")
        await self.sees("已发送提醒。")
        await self.world.forward(seconds=10, step=5)
        assert len(await self.world.letters(ZHAO)) == before + 1

    async def hands_over(self) -> None:
        await self.page.get_by_role("link", name="处理 楼栋群3").click()
        await self.page.locator("dialog[open] h2", has_text="楼栋群3").wait_for()
        chosen = self.page.locator("dialog[open] select option", has_text="李强")
        await self.page.get_by_label("转交给").select_option(str(await chosen.get_attribute("value")))
        await self.press("转交")
        await self.sees("已转交。")
        await self.world.forward(seconds=20, step=5)  # two letters of one account, with up to 8 seconds between them
        assert "楼栋群3" in (await self.world.letters(LI))[-1]
        await self.page.locator("#missing tr", has_text="楼栋群3").get_by_text("李强").first.wait_for()

    async def settles(self) -> None:
        await self.page.get_by_role("link", name=f"去确认 {UNSURE}").click()
        await self.look()
        await self.page.get_by_role("button", name=f"在群里 {UNSURE}").click()
        await self.sees("已记为“在群里”")

    async def prints(self, folder: Path) -> None:
        await self.page.get_by_role("link", name="报告", exact=True).click()
        await self.page.locator(".headline", has_text=f"{BOTS + 3} / {GROUPS}").wait_for()
        await self.page.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
        await self.press("打印")
        assert await self.page.locator("body").get_attribute("data-printed") == "yes"
        await self.look()
        assert (await self.page.pdf(path=folder / "report.pdf", format="A4")).startswith(b"%PDF")


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_newcomer_needs_nothing_but_the_pages(
    world: World, browser: Browser, address: str, tmp_path: Path, width: int
) -> None:
    async with window(browser, address, width=width, tongue="zh-CN", zone="Asia/Shanghai", forgives=422) as page:
        page.set_default_timeout(15_000)
        newcomer = Newcomer(page, world, width)
        await sign_in(page, world.api.headers["Authorization"].removeprefix("Bearer "))
        await newcomer.settles_in()
        await newcomer.imports()
        await newcomer.writes()
        await newcomer.launches()
        await newcomer.watches()
        await newcomer.finds_two_misses()
        await newcomer.nudges()
        await newcomer.hands_over()
        await newcomer.settles()
        await newcomer.prints(Path(PICTURES or tmp_path))
    assert len(await world.posts(TEXT)) == BOTS
    assert await world.violations() == 0
