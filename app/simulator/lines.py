"""The simulator's end of the wire: when a request really came in, and how to cut a connection without an answer."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from uvicorn.protocols.http.h11_impl import H11Protocol


class Line(H11Protocol):
    """uvicorn's connection, which also tells each request its transport and when its bytes were read. A task may
    start late on a busy machine; limits are judged by arrival."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}

    def data_received(self, data: bytes) -> None:
        self.app_state["arrived"] = time.monotonic()
        super().data_received(data)


def arrived(request: Request) -> float:
    """Monotonic seconds at which the request's head was read."""
    found: float = getattr(request.state, "arrived", None) or time.monotonic()
    return found


async def cut(request: Request, *, hard: bool) -> Response:
    """End the connection without an answer: by an RST when `hard`, else by a plain close. What is returned goes
    nowhere."""
    transport = _transport(request)
    if hard:
        line: socket.socket = transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0)
    return Response()


async def break_off(request: Request, answer: Response) -> Response:
    """Send an answer's head and the first half of its body, and end the connection. What is returned goes nowhere."""
    transport = _transport(request)
    lines = [b"HTTP/1.1 %d OK" % answer.status_code, *(b": ".join(pair) for pair in answer.raw_headers), b"", b""]
    transport.write(b"\r\n".join(lines) + bytes(answer.body[: len(answer.body) // 2]))
    transport.close()
    await asyncio.sleep(0)
    return Response()


def drip(answer: Response, *, over_s: float) -> Response:
    """The same answer, its body one byte at a time, the last of them after `over_s` seconds."""
    body = bytes(answer.body)

    async def drops() -> AsyncIterator[bytes]:
        for place in range(len(body)):
            await asyncio.sleep(over_s / len(body))
            yield body[place : place + 1]

    return StreamingResponse(drops(), answer.status_code, dict(answer.headers))


def _transport(request: Request) -> asyncio.Transport:
    found: asyncio.Transport | None = getattr(request.state, "transport", None)
    if found is None:
        raise RuntimeError("only a real server can cut its line; run the app with app.simulator.server")
    return found
