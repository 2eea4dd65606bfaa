"""The proxy before the database passes everything on, until it is told otherwise."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.chaos.proxy import Proxy, proxy


@asynccontextmanager
async def echo(heard: list[bytes]) -> AsyncIterator[Proxy]:
    """A proxy before a server that keeps what it hears and says it back."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1024):
                heard.append(data)
                writer.write(data)
        writer.close()
        over.set()

    over = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with proxy(server.sockets[0].getsockname()[1]) as before:
        yield before
    server.close()
    await over.wait()


async def _said_back(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], words: bytes) -> bytes:
    reader, writer = line
    writer.write(words)
    async with asyncio.timeout(5):
        return await reader.read(1024)


async def test_it_passes_on_and_cuts_what_stands() -> None:
    async with echo([]) as before:
        line = await asyncio.open_connection("127.0.0.1", before.port)
        assert await _said_back(line, b"SELECT 1") == b"SELECT 1"
        assert before.cut() == 1
        with pytest.raises(ConnectionResetError):
            await _said_back(line, b"SELECT 2")
        fresh = await asyncio.open_connection("127.0.0.1", before.port)
        assert await _said_back(fresh, b"SELECT 3") == b"SELECT 3"


async def test_a_cut_commit_arrives_and_is_not_answered() -> None:
    heard: list[bytes] = []
    async with echo(heard) as before:
        before.cut_commits(1)
        line = await asyncio.open_connection("127.0.0.1", before.port)
        assert await _said_back(line, b"BEGIN") == b"BEGIN"
        with pytest.raises(ConnectionResetError):
            await _said_back(line, b"COMMIT;")
        assert heard == [b"BEGIN", b"COMMIT;"]
        fresh = await asyncio.open_connection("127.0.0.1", before.port)
        assert await _said_back(fresh, b"COMMIT;") == b"COMMIT;"


async def test_a_stall_passes() -> None:
    async with echo([]) as before:
        line = await asyncio.open_connection("127.0.0.1", before.port)
        began, stall = time.monotonic(), asyncio.create_task(before.stall(0.3))
        await asyncio.sleep(0)
        assert await _said_back(line, b"SELECT 1") == b"SELECT 1"
        assert time.monotonic() - began >= 0.3
        await stall
