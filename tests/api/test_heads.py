"""A request whose head does not end is refused before it fills the memory; a body may be of any length."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI, Request

from app.api.heads import MOST_BYTES, Bounded
from tests.servers import free_port

LONG = b"x" * (4 * MOST_BYTES)
START = b"POST / HTTP/1.1\r\nHost: here\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
CLOSE = b"Connection: close\r\n"

app = FastAPI()


@app.post("/")
async def size(request: Request) -> int:
    return len(await request.body())


@pytest.fixture
async def port() -> AsyncIterator[int]:
    number = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=number, log_config=None, lifespan="off", http=Bounded))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield number
    server.should_exit = True
    await task


async def _answer(port: int, *pieces: bytes) -> bytes:
    """What comes back until the line is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        return await reader.read()
    except ConnectionError:  # closed while we were still speaking
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"GET /" + LONG], id="path"),
        pytest.param([START + b"Cookie: " + LONG], id="one header"),
        pytest.param([START, *[b"X-A: b\r\n" * 4_000] * 8], id="many headers"),
        pytest.param([CHUNKED + b"1\r\nx\r\n0\r\n", *[b"X-A: b\r\n" * 4_000] * 8], id="trailers"),
    ],
)
async def test_a_head_that_does_not_end_is_refused(port: int, pieces: list[bytes]) -> None:
    answer = await asyncio.wait_for(_answer(port, *pieces), 10)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 "), "the line is closed, at best with a reason"


@pytest.mark.parametrize(
    ("pieces", "length"),
    [
        ([START + CLOSE + b"Content-Length: %d\r\n\r\n" % len(LONG), LONG], len(LONG)),
        ([START + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n" * 8_000] * 5, b"0\r\n\r\n"], 40_000),
        ([START, b"Cookie: " + LONG[:60_000] + b"\r\n", CLOSE + b"Content-Length: 0\r\n\r\n"], 0),
    ],
)
async def test_a_long_body_and_a_long_but_finished_head_are_read(port: int, pieces: list[bytes], length: int) -> None:
    answer = await asyncio.wait_for(_answer(port, *pieces), 10)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"%d" % length)
