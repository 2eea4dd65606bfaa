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
        self._served: set[asyncio.Task[None]] = set()
        self._lines: set[asyncio.StreamWriter] = set()
        self.cuts = 0

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        self._served.add(asyncio.create_task(self._serve(reader, writer)))

    async def close(self) -> None:
        for line in self._lines:
            line.transport.abort()
        await asyncio.gather(*self._served)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(self._path)
        self._lines.add(forth)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, forth))
                both.create_task(self._pass(back, writer))
        except* (OSError, EOFError):
            for line in (writer, forth):
                line.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if WATCHING in data and not self.cuts:
                self.cuts += 1
                break
            sink.write(data)
        raise EOFError


@asynccontextmanager
async def cutter(redis_url: str) -> AsyncIterator[tuple[Cutter, str]]:
    found = Cutter(urlsplit(redis_url).path)
    server = await asyncio.start_server(found.accept, "127.0.0.1", 0)
    try:
        yield found, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await found.close()


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
