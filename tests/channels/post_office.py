"""A mail server that says what it is told to say, on a real loopback socket, and remembers what it heard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.channels.platform import reset

GOOD: Mapping[str, bytes | None] = {
    "GREETING": b"220 post.example ESMTP",
    "EHLO": b"250-post.example\r\n250-SIZE 10000000\r\n250 AUTH PLAIN LOGIN",
    "AUTH": b"235 2.7.0 Authentication successful",
    "MAIL": b"250 2.1.0 Ok",
    "RCPT": b"250 2.1.5 Ok",
    "DATA": b"354 End data with <CR><LF>.<CR><LF>",
    ".": b"250 2.0.0 Ok: queued as 4F2A",
    "QUIT": b"221 2.0.0 Bye",
}

HANG_UP = b""
RESET = b"\x00reset"
SILENCE = None


@dataclass
class PostOffice:
    """`replies` by the word that was said, `.` for a whole letter; an empty one hangs up, None says nothing."""

    port: int
    replies: Mapping[str, bytes | None]
    heard: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}"})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        said = "GREETING"
        while await self._answer(said, writer):
            if said == "DATA" and (self.replies["DATA"] or b"").startswith(b"354"):
                self.letters.append(await reader.readuntil(b"\r\n.\r\n"))
                said = "."
                continue
            line = (await reader.readuntil(b"\r\n")).decode().rstrip()
            self.heard.append(line)
            said = line.split(" ")[0].upper()

    async def _answer(self, said: str, writer: asyncio.StreamWriter) -> bool:
        """Whether the conversation goes on."""
        reply = self.replies[said]
        if reply == RESET:
            await reset(writer)
        if reply in {HANG_UP, RESET}:
            return False
        if reply is not None:
            writer.write(reply + b"\r\n")
            await writer.drain()
        return said != "QUIT"


@asynccontextmanager
async def post_office(**replies: bytes | None) -> AsyncIterator[PostOffice]:
    """A listening server that is good but for these replies; `DOT` is the answer to a whole letter."""
    open_lines: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_lines.add(task)
        try:
            await there.serve(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            open_lines.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    said = {"." if word == "DOT" else word: reply for word, reply in replies.items()}
    there = PostOffice(server.sockets[0].getsockname()[1], {**GOOD, **said})
    try:
        yield there
    finally:
        server.close()
        for task in open_lines:
            task.cancel()
        await asyncio.gather(*open_lines, return_exceptions=True)
