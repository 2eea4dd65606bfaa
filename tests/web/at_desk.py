"""A signed-in browser at one of the operator's pages, and whether a page is fit for everyone."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from playwright.async_api import Browser, Page

from app.core.settings import ROOT
from tests.builders.board import key_of
from tests.builders.relays import Handed

AXE = (ROOT / "tests/web/vendor/axe-4.14.1.min.js").read_text(encoding="utf-8")
AtDesk = Callable[..., AbstractAsyncContextManager[Page]]


def at_desk(browser: Browser, site: str, world: Handed, *, zone: str | None = None, forgives: int = 0) -> AtDesk:
    """Opens a signed-in browser; any complaint of it, such as a broken policy, fails the test at the end, but for
    answers with the status it `forgives`."""

    @asynccontextmanager
    async def opened(
        *, width: int = 1280, tongue: str = "en", javascript: bool = True, dark: bool = False
    ) -> AsyncIterator[Page]:
        context = await browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 800},
            locale=tongue,
            timezone_id=zone,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
        )
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/signin")
        await page.locator("#key").fill(await key_of(world.db, world.center_id))
        await page.keyboard.press("Enter")
        await page.wait_for_selector("nav.ways")
        yield page
        await context.close()
        assert [one for one in complaints if f"status of {forgives}" not in one] == []

    return opened


async def grave(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds serious about an open page: where, which rule, in which elements."""
    found = await page.evaluate(f"{AXE}; axe.run()")
    return [
        (page.url, one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
