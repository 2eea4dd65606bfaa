"""The pages in the whole application: a campaign handed to one leader, a client without a key, a real browser."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright
from sqlalchemy import event

from app.core.db import Database
from app.flows.kit import Kit
from app.main import create_app
from tests.application import application
from tests.builders import relays as build
from tests.builders.relays import Handed, handed
from tests.servers import free_port

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def chromium() -> str:
    """Where this machine's browser is."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "these tests need chromium or google-chrome on PATH; leave them out with -m 'not browser'"
    return found


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The page is tried on one database; the flow and the report under it are tried on both."""
    path = tmp_path / "muster.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
async def kit(db: Database, tmp_path: Path) -> AsyncIterator[Kit]:
    async with build.kit_on(db, tmp_path, public_url="http://muster.test") as made:
        yield made


@pytest.fixture
def app(kit: Kit) -> Iterator[FastAPI]:
    with application(kit) as lent:
        yield lent


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muster.test") as opened:
        yield opened


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


@pytest.fixture
def app_on(db: Database, tmp_path: Path) -> Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]:
    """A client of an application that is reached from outside under another address."""

    @asynccontextmanager
    async def serve(public_url: str) -> AsyncIterator[httpx.AsyncClient]:
        async with build.kit_on(db, tmp_path, public_url=public_url) as kit:
            transport = httpx.ASGITransport(create_app(kit=kit))
            async with httpx.AsyncClient(transport=transport, base_url="http://inside.test") as opened:
                yield opened

    return serve


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> AsyncIterator[str]:
    """The whole application on a real port."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    async with build.kit_on(db, tmp_path, public_url=address) as kit:
        app = create_app(kit=kit)
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", access_log=False))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
        yield address
        app.state.stopping.set()
        server.should_exit = True
        await serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield opened
        await opened.close()


@pytest.fixture
def statements(db: Database) -> list[str]:
    """Every statement this process sends from now on."""
    seen: list[str] = []
    for engine in {db._reader, db._writer}:
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    return seen
