"""Whatever a stranger wrote, in any field that reaches a page, is shown and never executed: an operator, a regional
leader, a leader and whoever has a report's link see its letters and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from app.main import create_app
from tests.conftest import T0
from tests.web.at_desk import opened_at, sign_in, window
from tests.world import World, world_on

pytestmark = pytest.mark.browser

BARE = "\"><img src=x onerror=\"document.title='hit'\">'&{{ 7 * 7 }}<svg onload=document.title='hit'>"
"""What may stand in a branch's name, where a stroke divides."""
HOSTILE = f"</title></textarea>{BARE}</script><script>document.title='hit'</script>"
ZHOU, LI = "7001", "7002"
PARTS = 3


@dataclass
class Written:
    """A center in which a stranger wrote every name."""

    world: World
    campaign: str
    pages: list[str]


@dataclass
class Names:
    """The ids of what bears such names."""

    account: str
    city: str
    zhou: str
    hook: str
    groups: dict[str, str]


async def _names(world: World) -> Names:
    await world.call("PATCH", "/center", json={"name": HOSTILE, "timezone": "Asia/Shanghai"})
    account = await world.account(HOSTILE[:100])
    li = {"leader": f"{HOSTILE} Li", "leader_contact": f"telegram:{LI}", "branch": f"{BARE} E/{BARE} S"}
    telegram = {"platform": "telegram", "address": "-1001", "account": HOSTILE[:100]}
    await world.groups({"group": HOSTILE, "platform": "manual", **li}, {"group": f"{HOSTILE}2", **telegram, **li})
    [city] = [one["id"] for one in (await world.call("GET", "/branches"))["items"] if one["name"].endswith("S")]
    leader = {"name": f"{HOSTILE} Z", "contact": f"telegram:{ZHOU}"}
    zhou = (await world.call("POST", "/leaders", status=201, json=leader))["id"]
    await world.call("POST", "/assignments", status=201, json={"leader_id": zhou, "branch_id": city})
    groups = {one["name"]: one["id"] for one in (await world.call("GET", "/groups"))["items"]}
    await world.call("PATCH", f"/groups/{groups[HOSTILE]}", json={"tags": [BARE[:50]]})
    await world.call("POST", "/keys", status=201, json={"name": HOSTILE, "role": "viewer"})
    script = {"slug": "storm", "title": HOSTILE[:100], "category": BARE[:50], "texts": {"": HOSTILE}}
    await world.call("POST", "/scripts", status=201, json=script)
    return Names(account, city, zhou, await _webhook(world), groups)


async def _webhook(world: World) -> str:
    """One with such a name; an address with such letters is refused, or kept as it was written."""
    hook = {"name": HOSTILE, "url": f"{world.platform}/webhook/{BARE}", "events": ["campaign.finished"]}
    made = await world.api.post("/api/v1/webhooks", json=hook)
    if made.status_code == 422:
        made = await world.api.post("/api/v1/webhooks", json={**hook, "url": f"{world.platform}/webhook/a"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.fixture
async def written(database_url: str, tmp_path: Path) -> AsyncIterator[Written]:
    async with world_on(database_url, tmp_path, T0) as world:
        found = await _names(world)
        [path] = [one["path"] for one in (await world.call("GET", "/branches"))["items"] if one["id"] == found.city]
        everything = {
            "title": HOSTILE[:200],
            "body": HOSTILE,
            "audience": {"branches": [found.city], "tags": [BARE[:50]], "groups": list(found.groups.values())},
            "quorum": [{"percent": 90, "at_percent": 10, "branch": path}],
            "cascade": "tier_by_tier",
        }
        draft = await world.draft(**everything)
        campaign = await world.launch(**everything)
        await world.forward(minutes=20, step=60)
        yield Written(world, campaign, [*_pages(found, campaign), f"/campaigns/{draft}/preflight"])


def _pages(found: Names, campaign: str) -> list[str]:
    here = f"/campaigns/{campaign}"
    tabs = ("", "/missed", "/missed/print", "/relays", "/deliveries", "/lanes", "/report", "/report/share", "/correct")
    return [
        *(here + tab for tab in (*tabs, "/ask/cancel", "/ask/recall")),
        *("/", "/campaigns", "/campaigns/new", "/calendar", "/calendar?days=1", "/groups", "/leaders", "/tree"),
        *(f"/groups/{found.groups[HOSTILE]}", f"/leaders/{found.zhou}", f"/tree/{found.city}"),
        *("/accounts", f"/accounts/{found.account}", "/settings", "/audit"),
        *("/settings/webhooks", f"/settings/webhooks/{found.hook}", "/scripts", "/scripts/storm"),
    ]


async def _harmless(page: Page, path: str) -> None:
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    assert await page.title() != "hit", path
    assert "onerror=" in await page.locator("body").inner_text() or path == "/campaigns/new", path
    assert await page.locator("img[onerror], svg[onload]").count() == 0, path


@pytest.mark.parametrize("part", range(PARTS))
async def test_nothing_a_stranger_wrote_is_executed_on_the_operators_pages(
    written: Written, browser: Browser, part: int
) -> None:
    world = written.world
    async with opened_at(create_app(kit=world.kit)) as site, window(browser, site, tongue="zh-CN") as page:
        await sign_in(page, world.api.headers["Authorization"].removeprefix("Bearer "))
        for path in written.pages[part::PARTS]:
            await _harmless(page, path)


async def test_nothing_a_stranger_wrote_is_executed_elsewhere(written: Written, browser: Browser) -> None:
    """The report's picture and its link, a regional leader's page, a leader's."""
    world = written.world
    async with opened_at(create_app(kit=world.kit)) as site, window(browser, site, tongue="zh-CN") as page:
        await sign_in(page, world.api.headers["Authorization"].removeprefix("Bearer "))
        await page.goto(f"/campaigns/{written.campaign}/report/share")
        await page.get_by_label("显示负责人的名字").check()
        await page.get_by_role("button", name="生成链接").click()
        link = await page.locator("output.secret").inner_text()
        await page.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # asked for beside a bare picture
        await page.goto(f"/campaigns/{written.campaign}/report.svg")
        assert await page.evaluate("document.querySelectorAll('script, [onload], [onerror]').length") == 0
        async with window(browser, site, width=390, tongue="zh-CN") as stranger:
            for path in ("/s/" + link.split("/s/", 1)[1], await world.link(ZHOU), await world.link(LI)):
                await _harmless(stranger, path)


async def test_the_board_lives_and_stays_harmless(written: Written, browser: Browser) -> None:
    """What comes over the streams is as harmless as what stands in the page."""
    world = written.world
    async with opened_at(create_app(kit=world.kit)) as site, window(browser, site, tongue="zh-CN") as page:
        await sign_in(page, world.api.headers["Authorization"].removeprefix("Bearer "))
        relays = await world.relays(written.campaign)
        link = await world.link(LI)
        for path, seen in (("/", "出门"), (f"/campaigns/{written.campaign}", "名单有变化")):
            await page.goto(path)
            await page.get_by_text("实时更新中").wait_for()
            before = await page.locator("main").inner_text()
            name = HOSTILE if path == "/" else f"{HOSTILE}2"
            if path == "/":
                await world.presses(link, "cannot", relays[name]["id"], reason=HOSTILE)
            else:
                await world.api.post(f"/api/v1/relays/{relays[HOSTILE]['id']}/excuse", json={"reason": HOSTILE})
            await page.wait_for_function("before => document.querySelector('main').innerText !== before", arg=before)
            assert await page.title() != "hit", seen
