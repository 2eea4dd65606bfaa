"""The simulator's end of the wire: when a request really came in, and how to cut a connection without an answer."""

import asyncio
import socket
import struct
import time

from starlette.requests import Request
from starlette.responses import Response
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
    transport: asyncio.Transport | None = getattr(request.state, "transport", None)
    if transport is None:
        raise RuntimeError("only a real server can cut its line; run the app with app.simulator.server")
    if hard:
        line: socket.socket = transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0)
    return Response()
