"""A TCP proxy before the database whose connections can be cut, cut in the middle of a COMMIT, and held up."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_RST = struct.pack("ii", 1, 0)
_CHUNK = 65_536


class Proxy:
    """Forwards to 127.0.0.1:`port`. Everything it does to its connections it does to all there are."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._lines: set[asyncio.StreamWriter] = set()
        self._commits_to_cut = 0
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> asyncio.Server:
        """Listen on a free port, `port` from then on."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def close(self) -> None:
        self.cut()
        await asyncio.gather(*self._serving)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    def cut(self) -> int:
        """End every connection by RST, whatever is on its way; answers how many there were."""
        lines, self._lines = self._lines, set()
        for line in lines:
            _reset(line)
        return len(lines) // 2

    def cut_commits(self, times: int) -> None:
        """The next COMMITs reach the database, and nobody hears what became of them."""
        self._commits_to_cut = times

    async def stall(self, seconds: float) -> None:
        """Nothing passes for so long; the connections stand."""
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            _reset(writer)
            return
        pair = {writer, forth}
        self._lines |= pair
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, forth, pair, commits=True))
                group.create_task(self._pump(back, writer, pair, commits=False))
        except* (OSError, EOFError):
            pass
        finally:
            self._lines -= pair
            for line in pair:
                line.close()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        pair: set[asyncio.StreamWriter],
        *,
        commits: bool,
    ) -> None:
        while data := await source.read(_CHUNK):
            await self._flowing.wait()
            sink.write(data)
            await sink.drain()
            if commits and self._commits_to_cut and b"COMMIT" in data:
                self._commits_to_cut -= 1
                for line in pair - {sink}:
                    _reset(line)
                sink.close()
                return
        raise EOFError


def _reset(line: asyncio.StreamWriter) -> None:
    raw: socket.socket | None = line.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    line.transport.abort()


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port before this one."""
    found = Proxy(port)
    server = await found.open()
    try:
        yield found
    finally:
        server.close()
        await found.close()
