"""A platform that says what it is told to say, on a real loopback socket, and remembers what it heard."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Act = Callable[[asyncio.StreamWriter], Coroutine[None, None, None]]


@dataclass(frozen=True)
class Heard:
    """One request, whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass
class Platform:
    """`act` answers each request once it was read whole; `connections` counts who came, silent ones included."""

    port: int
    act: Act
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}"})


def answer(status: int, headers: Mapping[str, str], body: bytes) -> Act:
    """A complete, well-formed answer on a connection that stays open."""
    lines = {"Content-Length": str(len(body)), **headers}
    head = f"HTTP/1.1 {status} Word\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return raw(head.encode("latin-1") + b"\r\n" + body)


def raw(words: bytes) -> Act:
    """These bytes and no more, on a connection that stays open."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await writer.drain()

    return act


def then_close(words: bytes = b"") -> Act:
    """These bytes, then a polite end."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await writer.drain()
        writer.close()

    return act


async def reset(writer: asyncio.StreamWriter) -> None:
    """An RST: what a crashed or firewalled peer sends."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def drip(words: bytes, *, every_s: float) -> Act:
    """One byte at a time: each read succeeds, the whole never ends."""

    async def act(writer: asyncio.StreamWriter) -> None:
        for byte in words:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(every_s)

    return act


@asynccontextmanager
async def platform(act: Act) -> AsyncIterator[Platform]:
    """A listening platform; every connection is closed at the end of the block."""
    open_lines: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_lines.add(task)
        there.connections += 1
        try:
            while True:
                there.heard.append(await _read(reader))
                await there.act(writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            open_lines.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    there = Platform(server.sockets[0].getsockname()[1], act)
    try:
        yield there
    finally:
        server.close()
        for task in open_lines:
            task.cancel()
        await asyncio.gather(*open_lines, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Heard(method, path, headers, body)
