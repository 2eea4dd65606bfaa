"""A browser at one of the operator's pages, signed in where asked, and whether a page is fit for everyone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from app.core.settings import ROOT
from tests.builders.board import key_of
from tests.builders.relays import Handed
from tests.servers import free_port

AXE = (ROOT / "tests/web/vendor/axe-4.14.1.min.js").read_text(encoding="utf-8")
AtDesk = Callable[..., AbstractAsyncContextManager[Page]]


@asynccontextmanager
async def opened_at(app: FastAPI, port: int | None = None) -> AsyncIterator[str]:
    """The application on a real port of this process; its address."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        app.state.stopping.set()
        server.should_exit = True
        await serving


@asynccontextmanager
async def window(
    browser: Browser,
    site: str,
    *,
    zone: str | None = None,
    forgives: int = 0,
    width: int = 1280,
    tongue: str = "en",
    javascript: bool = True,
    dark: bool = False,
) -> AsyncIterator[Page]:
    """A fresh browser at the site; any complaint of it, such as a broken policy, fails the test at the end, but for
    answers with the status it `forgives`."""
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
    noted = {"error", "warning"}
    page.on("console", lambda line: complaints.append(f"{line.text} {line.location}") if line.type in noted else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        await context.close()
    left = [one for one in complaints if f"status of {forgives}" not in one]
    assert left == [], left


async def sign_in(page: Page, key: str) -> None:
    await page.goto("/signin")
    await page.locator("#key").fill(key)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("nav.ways")


def at_desk(browser: Browser, site: str, world: Handed, *, zone: str | None = None, forgives: int = 0) -> AtDesk:
    """Opens a signed-in browser, as wide and in the language that is asked for."""

    @asynccontextmanager
    async def opened(**looks: int | str | bool) -> AsyncIterator[Page]:
        async with window(browser, site, zone=zone, forgives=forgives, **looks) as page:  # type: ignore[arg-type]
            await sign_in(page, await key_of(world.db, world.center_id))
            yield page

    return opened


async def grave(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds serious about an open page: where, which rule, in which elements."""
    found = await page.evaluate(f"{AXE}; axe.run()")
    return [
        (page.url, one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
