"""The head operator of a run waits for an API that starts, and not for one that does not answer."""

import asyncio

import pytest

from tests.chaos.facts import Ordered
from tests.chaos.head import Head, Unanswered
from tests.servers import free_port

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"


async def _served(port: int, answer: bytes) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)


def _head(port: int, *, absence_s: float) -> Head:
    return Head(f"http://127.0.0.1:{port}", "key", on_paper=(), patience_s=0.6, absence_s=absence_s)


async def test_an_api_that_is_away_for_longer_than_his_patience_is_waited_for() -> None:
    port = free_port()
    asking = asyncio.create_task(_head(port, absence_s=60).ask("GET", "/"))
    await asyncio.sleep(1.0)
    async with await _served(port, ANSWER):
        assert (await asking).status_code == 200


@pytest.mark.parametrize("there", [True, False])
async def test_one_that_is_there_and_does_not_answer_or_never_comes_is_told(there: bool) -> None:
    port = free_port()
    async with await _served(port if there else free_port(), BUSY):
        with pytest.raises(Unanswered, match=", 0 of them" if there else ", [2-9] of them"):
            await _head(port, absence_s=2).ask("GET", "/")


async def test_an_order_waits_for_the_launch_of_what_it_is_about() -> None:
    port = free_port()
    async with await _served(port, ANSWER):
        head = _head(port, absence_s=60)
        assert not await head.cancel("c1"), "it was never launched"
        ordering = asyncio.create_task(head.cancel("c1"))
        await asyncio.sleep(0.2)
        head.orders.campaigns["c1"] = Ordered("c1", "cmp", frozenset(), (0.0, 0.0), 600.0)
        assert await ordering
    [stop] = head.orders.stops
    assert stop.asked is not None
    assert stop.asked <= stop.since
    assert head.orders.campaigns["c1"].cancelled
