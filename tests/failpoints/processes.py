"""The worker and the API as processes that fall at a chosen step."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import uvicorn

from app.bootstrap import build_kit
from app.core.clock import DatabaseClock
from app.core.logs import set_up
from app.core.settings import load
from app.flows.kit import Kit
from app.main import create_app
from tests.failpoints.brittle import BrittleDatabase, BrittleHttp
from tests.failpoints.strike import Strike
from workers.lifecycle import work


@asynccontextmanager
async def brittle_kit(strike: Strike) -> AsyncIterator[Kit]:
    """The ordinary Kit of this environment, its database and its line made brittle."""
    settings = load()
    set_up(settings.log_level, settings.log_format)
    async with build_kit(settings) as kit:
        assert isinstance(kit.clock, DatabaseClock)
        strike.clock = kit.clock
        db = BrittleDatabase(kit.db, strike)
        yield dataclasses.replace(kit, db=db, http=BrittleHttp(kit.http, strike, db))


async def worker(strike: Strike) -> None:
    """Work until SIGTERM, or until struck down."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with brittle_kit(strike) as kit:
        await work(kit, stopping)


async def api(strike: Strike) -> None:
    """Serve until SIGTERM, or until struck down."""
    async with brittle_kit(strike) as kit:
        host, port = kit.settings.host, kit.settings.port
        await uvicorn.Server(uvicorn.Config(create_app(kit=kit), host=host, port=port, log_config=None)).serve()


def fall(environment: Mapping[str, str], point: str, nth: int, action: str) -> None:
    """The body of a forked process: a worker or an API in this environment that falls there."""
    os.environ.update(environment)
    strike = Strike(point, nth, action)
    asyncio.run(api(strike) if point.startswith("draft") else worker(strike))
