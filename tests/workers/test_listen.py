"""A line to Redis that breaks in the middle of taking a hint: a moment without hints, and the hint is still there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from app.core.jobs import WAKE, ArqQueue
from workers.lifecycle import listen

WATCHING = b"EXISTS"
"""What is asked of Redis first when a hint is watched."""


class Cutter:
    """Stands before Redis, and ends the line the first time a hint is watched."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.cuts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(self._path)
        answers = asyncio.create_task(self._pass(back, writer))
        await self._pass(reader, forth)
        for line in (writer, forth):
            line.close()
        await answers

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if WATCHING in data and not self.cuts:
                self.cuts += 1
                return
            sink.write(data)


@asynccontextmanager
async def cutter(redis_url: str) -> AsyncIterator[tuple[Cutter, str]]:
    found = Cutter(urlsplit(redis_url).path)
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as server:
        yield found, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_line_that_breaks_while_a_hint_is_watched_costs_a_moment_and_no_hint(redis_url: str) -> None:
    heard, stopping = asyncio.Event(), asyncio.Event()
    queue = ArqQueue(redis_url)
    await queue.put(WAKE, "test")
    await queue.close()
    async with cutter(redis_url) as (line, url):
        kit = SimpleNamespace(settings=SimpleNamespace(redis_url=SecretStr(url)))
        with structlog.testing.capture_logs() as said:
            ear = asyncio.create_task(listen(cast("Any", kit), cast("Any", SimpleNamespace(wake=heard.set)), stopping))
            await asyncio.wait_for(heard.wait(), 10)
            ear.cancel()
            await asyncio.wait([ear])
    assert line.cuts == 1
    assert [one["event"] for one in said if one["log_level"] in {"error", "critical"}] == []
    assert ("no_hints", "WatchError") in [(one["event"], one.get("because")) for one in said]
