"""A server of ours in a process of its own, and a client that speaks to it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from httpx_aiohttp import AiohttpTransport

from tests.servers import free_port

Server = asyncio.subprocess.Process


@asynccontextmanager
async def serving(
    module: str, url: str, *, connections: int = 200, timeout_s: float = 60
) -> AsyncIterator[tuple[httpx.AsyncClient, Server]]:
    """This module serves this database; the client has so many connections at most."""
    port = free_port()
    settings = {"MUSTER_DATABASE_URL": url, "MUSTER_PORT": str(port), "MUSTER_LOG_LEVEL": "ERROR"}
    out = asyncio.subprocess.DEVNULL  # the first start says an operator key
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env={**os.environ, **settings}, stdout=out
    )
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=connections, keepalive_expiry=1))
    base = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=base, transport=transport, timeout=timeout_s, trust_env=False) as client:
            for _ in range(600):
                try:
                    await client.get("/healthz", headers={"connection": "close"})  # leaves no line at rest
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
            yield client, process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
