"""The leader's page in the whole application: a campaign handed to one leader, and a client without a key."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.core.db import Database
from app.flows.kit import Kit
from app.main import create_app
from tests.builders import relays as build
from tests.builders.relays import Handed, handed


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
def app(kit: Kit) -> FastAPI:
    return create_app(kit=kit)


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
