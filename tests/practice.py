"""The practice platform in this process, for tests that speak to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from httpx_aiohttp import AiohttpTransport

from app.simulator.app import create_app as practice_platform
from app.simulator.server import bind, server


@asynccontextmanager
async def simulator() -> AsyncIterator[httpx.AsyncClient]:
    """A practice platform on a free port of this process."""
    line: socket.socket = bind("127.0.0.1", 0)
    serving = server(practice_platform())
    task = asyncio.create_task(serving.serve(sockets=[line]))
    while not serving.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    base = f"http://127.0.0.1:{line.getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=base, transport=AiohttpTransport(), trust_env=False) as client:
            yield client
    finally:
        serving.should_exit = True
        await task
        line.close()
