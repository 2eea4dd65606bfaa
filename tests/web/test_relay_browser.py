"""The leader's page in a real browser on a phone, with and without JavaScript."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from playwright.async_api import Browser, Page

from app.core.db import Database
from app.domain.relays.states import State
from tests.builders.relays import TEXT, Handed, handed

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 740}
OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
def phone(browser: Browser, site: str) -> OpenPage:
    """Opens a path on a phone; any complaint of the browser, such as a broken policy, fails the test at the end."""

    @asynccontextmanager
    async def opened(
        path: str, *, javascript: bool = True, dark: bool = False, width: int = 375, expected: int = 0
    ) -> AsyncIterator[Page]:
        context = await browser.new_context(
            viewport={**PHONE, "width": width},  # type: ignore[typeddict-item]
            java_script_enabled=javascript,
            has_touch=True,
            color_scheme="dark" if dark else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda request: complaints.append("referrer sent") if request.headers.get("referer") else None
        )
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        await page.goto(f"{site}{path}")
        yield page
        await context.close()
        assert len(complaints) == expected, complaints

    return opened


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


@pytest.mark.parametrize("javascript", [True, False])
async def test_done_is_one_tap(phone: OpenPage, world: Handed, javascript: bool) -> None:
    async with phone(f"/r/{world.token}", javascript=javascript) as page:
        assert await page.get_by_role("button", name="已发送", exact=True).count() == 3
        await page.get_by_role("button", name="已发送", exact=True).first.tap()
        await page.get_by_role("status").wait_for()
        assert "已记为发送，谢谢！" in await page.get_by_role("status").inner_text()
        assert "已完成 1 / 3 个群" in await page.inner_text("main")
        assert page.url.split("?")[0].endswith(f"/r/{world.token}")
        await page.reload()
    assert sorted([(await world.relay(place)).state for place in range(3)]) == [
        State.ASSIGNED,
        State.ASSIGNED,
        State.RELAYED,
    ]


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_leader_who_cannot_says_why_in_two_taps(phone: OpenPage, world: Handed, javascript: bool) -> None:
    async with phone(f"/r/{world.token}?lang=en", javascript=javascript) as page:
        await page.locator(".cannot > summary").first.tap()
        await page.get_by_role("button", name="The group is gone").first.tap()
        await page.get_by_role("status").wait_for()
        assert await page.locator("html").get_attribute("lang") == "en"
        await page.locator(".cannot > summary").first.tap()
        await page.get_by_placeholder("Something else").first.fill("手机坏了")
        await page.get_by_role("button", name="Send").first.tap()
        await page.get_by_text("Settled (2)").wait_for()
    states = {(await world.relay(place)).reason for place in range(3)}
    assert states == {"group_dissolved", "手机坏了", ""}


@pytest.mark.parametrize("javascript", [True, False])
async def test_all_done_asks_once_and_thanks(phone: OpenPage, world: Handed, javascript: bool) -> None:
    async with phone(f"/r/{world.token}", javascript=javascript) as page:
        await page.get_by_text("3 个群都发好了").tap()
        await page.get_by_role("button", name="确认，全部已发送").tap()
        await page.get_by_role("heading", name="全部完成，谢谢你！").wait_for()
        assert await page.locator("form").count() == 0
    assert {(await world.relay(place)).state for place in range(3)} == {State.RELAYED}


async def test_copy_fills_the_clipboard(phone: OpenPage, world: Handed) -> None:
    async with phone(f"/r/{world.token}") as page:
        await page.get_by_role("button", name="复制文字").first.tap()
        await page.get_by_role("button", name="已复制，去群里粘贴").wait_for()
        assert await page.evaluate("navigator.clipboard.readText()") == TEXT
    assert {(await world.relay(place)).state for place in range(3)} == {State.ASSIGNED}


async def test_copy_works_in_old_browsers_too(phone: OpenPage, world: Handed) -> None:
    async with phone(f"/r/{world.token}") as page:
        await page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
        await page.get_by_role("button", name="复制文字").nth(1).tap()
        await page.get_by_role("button", name="已复制，去群里粘贴").wait_for()
        await page.evaluate("delete navigator.clipboard")
        assert await page.evaluate("navigator.clipboard.readText()") == TEXT


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_phone_that_can_share_hands_the_text_to_its_apps_and_copies_where_it_fails(
    phone: OpenPage, world: Handed, lang: str
) -> None:
    share = {"zh": "分享到应用", "en": "Share"}[lang]
    async with phone(f"/r/{world.token}?lang={lang}") as page:
        assert await page.get_by_role("button", name=share).count() == 0, "this browser has no list of apps"
        for outcome in ("Promise.resolve()", "Promise.reject(new DOMException('no', 'NotAllowedError'))"):
            told = f"navigator.share = told => {{ window.told = told; return {outcome}; }}"
            await page.add_init_script(told)
            await page.reload()
            await page.get_by_role("button", name=share).first.tap()
            assert await page.evaluate("window.told") == {"text": TEXT}
        await page.locator("button.copied").wait_for()
        assert await page.evaluate("navigator.clipboard.readText()") == TEXT
    assert {(await world.relay(place)).state for place in range(3)} == {State.ASSIGNED}


async def test_without_javascript_the_text_can_be_selected_and_no_dead_button_shows(
    phone: OpenPage, world: Handed
) -> None:
    async with phone(f"/r/{world.token}", javascript=False) as page:
        assert await page.get_by_role("button", name="复制文字").count() == 0
        assert await page.locator("noscript .hint").is_visible()
        assert await page.locator("textarea.text").first.input_value() == TEXT


async def test_a_double_tap_is_one_press(phone: OpenPage, world: Handed) -> None:
    async with phone(f"/r/{world.token}") as page:
        await page.get_by_role("button", name="已发送", exact=True).first.dblclick()
        await page.get_by_role("status").wait_for()
    assert len([said for said in await world.said() if said.moved]) == 1
    assert len({said.relay_id for said in await world.said()}) == 1


async def test_a_page_left_open_still_tells_the_truth(phone: OpenPage, world: Handed) -> None:
    async with phone(f"/r/{world.token}") as page:
        for place in range(3):
            await world.put(place, state=State.RELAYED)
        await page.get_by_role("button", name="收到，稍后发").first.tap()
        await page.get_by_role("heading", name="全部完成，谢谢你！").wait_for()


@pytest.mark.parametrize(("width", "groups"), [(320, 1), (375, 12), (1280, 12)])
async def test_everything_fits_and_every_target_is_big_enough_for_a_thumb(
    phone: OpenPage, db: Database, width: int, groups: int
) -> None:
    names = [f"超长的群名称ABCDEFGHIJKLMNOPQRSTUVWXYZ{number}🏃‍♀️" for number in range(groups)]
    world = await handed(db, names, text="https://example.org/" + "a" * 200)
    await world.put(0, state=State.ACKNOWLEDGED)
    async with phone(f"/r/{world.token}", width=width) as page:
        await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        small = await page.evaluate(
            "[...document.querySelectorAll('button, summary, .switch, .cannot textarea')].filter(each =>"
            " !each.hidden && (each.offsetHeight < 44 || each.offsetWidth < 44)).map(each => each.outerHTML)"
        )
        assert small == []


async def test_text_can_be_read_by_day_and_by_night(phone: OpenPage, world: Handed) -> None:
    await world.put(0, state=State.MISSED)
    await world.put(1, state=State.FAILED, reason="travelling")
    for dark in (False, True):
        async with phone(f"/r/{world.token}", dark=dark) as page:
            await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert await page.evaluate(CONTRAST) == []


# Words whose contrast with what lies behind them is below 4.5, as WCAG 2 counts it.
CONTRAST = """() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, place) => sum + c * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(each).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('main *, header *')]
    .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    .filter(each => each.offsetParent)
    .map(each => {
      const [front, back] = [light(numbers(getComputedStyle(each).color)), light(behind(each))];
      return [(Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05), each.textContent.trim().slice(0, 30)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


async def test_a_link_that_does_not_open_says_so_kindly(phone: OpenPage) -> None:
    async with phone("/r/rl_nobody?lang=zh", expected=2) as page:  # the browser notes each 404 on its console
        assert await page.get_by_role("heading", name="这个链接打不开").is_visible()
        await page.get_by_text("English").tap()
        await page.get_by_role("heading", name="This link does not open").wait_for()
