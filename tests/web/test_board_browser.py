"""The operator's pages in a real browser: live, by keyboard and by thumb, with and without JavaScript."""

import time

import httpx
import pytest
from playwright.async_api import Browser

from app.core.db import Database
from app.domain.relays.states import State
from tests.builders.board import call_everything, uncertain
from tests.builders.relays import Handed, handed
from tests.web.at_desk import AtDesk, at_desk, grave

pytestmark = pytest.mark.browser

HOSTILE = " ".join(
    (
        "<script>document.title='hit'</script>",
        '"><img src=x onerror="document.title=\'hit\'">',
        "' onmouseover=document.title='hit' x='",
        "<hx-partial hx-target='body'>hit</hx-partial>",
        "{{ 7 * 7 }}{% raw %}",
        "</title></textarea><svg onload=document.title='hit'>",
    )
)


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


@pytest.fixture
def desk(browser: Browser, site: str, world: Handed) -> AtDesk:
    return at_desk(browser, site, world, zone="Asia/Shanghai", forgives=409)


def pages(world: Handed, delivery: str) -> list[str]:
    here = f"/campaigns/{world.campaign_id}"
    inside = ("", "/missed", "/relays", "/deliveries", "/lanes", "/ask/pause", "/ask/cancel")
    relay = f"/relays/{world.relays[1]}"
    others = ("/", "/campaigns", "/ask/stop", relay, f"{relay}/act", f"/deliveries/{delivery}")
    return [*others, *(here + each for each in inside)]


@pytest.mark.alone
async def test_a_confirmed_relay_shows_within_a_second_and_nothing_moves(
    desk: AtDesk, world: Handed, site: str
) -> None:
    waited = []
    async with desk() as page, httpx.AsyncClient(base_url=site) as phone:
        await page.goto(f"/campaigns/{world.campaign_id}")
        await page.get_by_text("Live", exact=True).wait_for()
        await page.wait_for_timeout(300)
        await page.evaluate(
            "new PerformanceObserver(seen => { document.body.dataset.shifted = '1'; }).observe({type: 'layout-shift'})"
        )
        for place in range(3):
            began = time.monotonic()
            await phone.post(world.press(place), data={"action": "done"})
            await page.get_by_text(f"{place + 1} of 3 groups have it").first.wait_for()
            waited.append(time.monotonic() - began)
        assert await page.locator("body").get_attribute("data-shifted") is None
        assert "3 / 3" in await page.locator(".counts").inner_text()
    assert sorted(waited)[1] < 1.0, waited


async def test_a_board_that_was_away_catches_up(desk: AtDesk, world: Handed, site: str) -> None:
    async with desk() as page, httpx.AsyncClient(base_url=site) as phone:
        await page.goto(f"/campaigns/{world.campaign_id}/relays")
        await page.goto(f"/campaigns/{world.campaign_id}")
        await page.get_by_text("Live", exact=True).wait_for()
        await page.evaluate(HIDE, True)
        await page.wait_for_timeout(100)
        await phone.post(world.press(1), data={"action": "done"})
        await page.evaluate(HIDE, False)
        await page.get_by_text("1 of 3 groups have it").first.wait_for()


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.mark.parametrize("javascript", [True, False])
async def test_pausing_is_asked_first_and_says_what_it_touches(desk: AtDesk, world: Handed, javascript: bool) -> None:
    async with desk(javascript=javascript) as page:
        await page.goto(f"/campaigns/{world.campaign_id}")
        await page.get_by_role("link", name="Pause").click()
        question = page.locator("dialog[open]" if javascript else "main")
        await question.get_by_text("3 groups are not done").wait_for()
        await question.get_by_role("button", name="Yes, pause").click()
        await page.get_by_text("Paused. Nothing more leaves.").wait_for()
        await page.get_by_role("link", name="Resume").click()
        await page.get_by_role("button", name="Yes, resume").click()
        await page.get_by_text("Sending goes on.").wait_for()
        assert await page.get_by_text("running", exact=True).count() == 1


async def test_a_question_can_be_left_by_keyboard(desk: AtDesk, world: Handed) -> None:
    async with desk() as page:
        await page.get_by_role("link", name="Stop everything").focus()
        await page.keyboard.press("Enter")
        await page.locator("dialog[open]").wait_for()
        await page.keyboard.press("Escape")
        await page.locator("dialog[open]").wait_for(state="detached")
        assert await page.evaluate("document.activeElement.textContent.trim()") == "Stop everything"


@pytest.mark.parametrize("javascript", [True, False])
async def test_an_uncertain_post_is_settled_where_it_is_listed(desk: AtDesk, world: Handed, javascript: bool) -> None:
    await uncertain(world)
    async with desk(javascript=javascript) as page:
        await page.get_by_role("link", name="1 posts are uncertain").click()
        await page.get_by_label("Note (optional)").fill("seen at 18:05")
        await page.get_by_role("button", name="It is there").click()
        await page.get_by_text("Noted: it is there.").wait_for()
    settled = await world.relay()
    assert (settled.state, settled.reason) == (State.RELAYED, "settled by key:head: seen at 18:05")


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_missed_group_is_excused_and_another_marked_done(desk: AtDesk, world: Handed, javascript: bool) -> None:
    await world.put(0, state=State.MISSED)
    await world.put(1, state=State.FAILED, reason="travelling")
    async with desk(javascript=javascript) as page:
        await page.goto(f"/campaigns/{world.campaign_id}")
        await page.get_by_role("link", name="Act 朝阳一群").click()
        await page.get_by_label("say why").fill("holidays")
        await page.get_by_role("button", name="Excuse").click()
        await page.get_by_text("it does not count as missed").wait_for()
        assert await page.locator("#missing tbody tr").count() == 1
        await page.get_by_role("link", name="Act 朝阳二群").click()
        await page.get_by_role("button", name="Mark as done").click()
        await page.get_by_text("Nobody missed it").wait_for()
    assert [(await world.relay(place)).state for place in range(2)] == [State.SKIPPED, State.RELAYED]


async def test_a_refused_step_says_why_in_the_readers_language(desk: AtDesk, world: Handed) -> None:
    async with desk(tongue="zh-CN") as page:
        await page.goto(f"/relays/{world.relays[0]}")
        await page.get_by_role("link", name="处理").click()
        await page.get_by_role("button", name="由机器人发送").click()
        await page.get_by_text("没有账号能往这个群发").wait_for()
        await page.get_by_role("link", name="回到今天").click()


@pytest.mark.parametrize(("width", "tongue", "dark"), [(360, "zh-CN", False), (1280, "en", True)])
async def test_every_page_is_fit_for_everyone(desk: AtDesk, world: Handed, width: int, tongue: str, dark: bool) -> None:
    delivery = await uncertain(world)
    await world.put(1, state=State.MISSED)
    async with desk(width=width, tongue=tongue, dark=dark) as page:
        found = []
        for path in pages(world, delivery):
            await page.goto(path)
            found += await grave(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert found == []


async def test_nothing_a_stranger_wrote_is_executed(desk: AtDesk, world: Handed, site: str) -> None:
    delivery = await uncertain(world, account=HOSTILE, reason=HOSTILE)
    await call_everything(world, HOSTILE)
    async with desk() as page, httpx.AsyncClient(base_url=site) as phone:
        for path in pages(world, delivery):
            await page.goto(path)
            assert await page.title() != "hit", path
            assert HOSTILE in await page.locator("body").inner_text(), path
        await page.goto(f"/campaigns/{world.campaign_id}")
        await phone.post(world.press(1), data={"action": "cannot", "reason": HOSTILE})
        await page.locator("#moved").wait_for()
        await page.locator("#moved").click()
        await page.locator("#missing tbody tr").nth(1).wait_for()
        assert await page.title() != "hit"
