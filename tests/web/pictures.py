"""`python -m tests.web.pictures [FOLDER]`: every page of a center to look at, in both languages, on a phone and on a
desk, as pictures in FOLDER (`pictures` where none is named). `python -m tests.web.pictures --readme` draws only the
picture of the README anew."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import uvicorn
from cryptography.fernet import Fernet
from playwright.async_api import Browser, Page, async_playwright

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.http import HttpClient
from app.core.jobs import RecordingQueue
from app.core.secrets import Vault
from app.core.settings import ROOT, Settings
from app.flows.kit import Kit
from app.main import create_app
from tests.builders.board import key_of
from tests.builders.gallery import Gallery, gallery
from tests.conftest import migrate
from tests.servers import free_port
from tests.web.conftest import FLAGS, chromium

TONGUES, WIDTHS = ("zh", "en"), (390, 1280)
NOW = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
README = ROOT / "docs/board.png"


def paths(made: Gallery) -> Iterator[tuple[str, str]]:
    """A name for each page, and where it is."""
    for name in ("campaigns", "campaigns/new", "groups", "leaders", "tree", "scripts", "accounts", "audit", "settings"):
        yield name.replace("/", "-"), f"/{name}"
    yield "today", "/"
    yield "calendar", "/calendar"
    yield "calendar-day", "/calendar?days=1"
    for key in ("running", "finished", "scheduled"):
        yield f"board-{key}", f"/campaigns/{made.campaigns[key]}"
    here = f"/campaigns/{made.campaigns['running']}"
    for tab in ("missed", "missed/print", "relays", "deliveries", "lanes", "report", "report/share", "ask/pause"):
        yield f"campaign-{tab.replace('/', '-')}", f"{here}/{tab}"
    yield "report-finished", f"/campaigns/{made.campaigns['finished']}/report"
    yield "preflight", f"/campaigns/{made.campaigns['draft']}/preflight"
    yield "group", f"/groups/{made.groups[0]['id']}"
    yield "leader", f"/leaders/{made.leaders[0]}"
    yield "empty-calendar", "/calendar?from=2020-01-06"
    yield from _further(made)


def _further(made: Gallery) -> Iterator[tuple[str, str]]:
    """What is reached from the pages of the navigation."""
    here = f"/campaigns/{made.campaigns['running']}"
    for name in ("imports", "orphans", "leaders/new", "settings/webhooks", "ask/stop"):
        yield name.replace("/", "-"), f"/{name}"
    for tab in ("correct", "ask/cancel", "ask/recall"):
        yield f"campaign-{tab.replace('/', '-')}", f"{here}/{tab}"
    yield "branch", f"/tree/{made.groups[0]['branch_id']}"
    yield "relay", f"/relays/{made.relay}"
    yield "relay-act", f"/relays/{made.relay}/act"
    yield "account", f"/accounts/{made.accounts['telegram']}"
    for way in ("telegram", "wecom_app", "email"):
        yield f"account-new-{way}", f"/accounts/new?channel={way}"


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, Gallery]]:
    """The application with such a center on a free port."""
    url, port = f"sqlite:///{folder / 'muster.db'}", free_port()
    await asyncio.to_thread(migrate, url)
    clock = ManualClock(NOW)
    db, guard = Database(url, clock=clock, queue=RecordingQueue()), Guard(frozenset())
    http, vault = HttpClient(guard), Vault([Fernet.generate_key().decode()])
    address = f"http://127.0.0.1:{port}"
    settings = Settings(data_dir=folder, public_url=address, _env_file=None)
    kit = Kit(settings=settings, db=db, clock=clock, queue=db.queue, vault=vault, http=http, channels=channels(guard))
    made = await gallery(db)
    app = create_app(kit=kit)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    yield address, made
    app.state.stopping.set()
    server.should_exit = True
    await serving
    await http.close()
    await db.close()


@asynccontextmanager
async def reader(
    browser: Browser, address: str, key: str, *, width: int, tongue: str, height: int = 850
) -> AsyncIterator[Page]:
    """Somebody who is signed in, in Shanghai."""
    context = await browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        locale="zh-CN" if tongue == "zh" else "en",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if "--dark" in sys.argv else "light",
    )
    page = await context.new_page()
    await page.goto("/signin")
    await page.locator("#key").fill(key)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("nav.ways")
    yield page
    await context.close()


async def take(page: Page, path: str, to: Path, *, whole: bool = True) -> None:
    await page.goto(path)
    await page.wait_for_timeout(250)
    await page.screenshot(path=to, full_page=whole)
    wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        sys.stderr.write(f"{to.name} is {wide} pixels too wide\n")


async def main(words: list[str]) -> None:
    names = [word for word in words if not word.startswith("--")]
    folder, only = Path(names[0] if names else "pictures"), names[1:]
    with tempfile.TemporaryDirectory(prefix="muster-pictures-") as work:
        async with served(Path(work)) as (address, made), async_playwright() as playwright:
            key = await key_of(made.db, made.center_id)
            browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            if "--readme" in words:
                async with reader(browser, address, key, width=1280, tongue="en", height=1150) as page:
                    await take(page, f"/campaigns/{made.campaigns['running']}", README, whole=False)
                    return await browser.close()
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            for tongue, width in product(TONGUES, WIDTHS):
                async with reader(browser, address, key, width=width, tongue=tongue) as page:
                    for name, path in paths(made):
                        if not only or any(one in name for one in only):
                            await take(page, path, folder / f"{name}-{tongue}-{width}.png")
            await browser.close()
    return None


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
