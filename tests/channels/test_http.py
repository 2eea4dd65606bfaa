"""The one client: what it says, what it keeps to itself, and when it gives up."""

import asyncio
import gzip
import logging
import traceback
import tracemalloc

import pytest

from app.core.addresses import Guard
from app.core.http import BODY_CAP, HttpClient, LineLost, NotSent, Reply, Request
from tests.channels.harness import CANARY
from tests.channels.platform import Act, answer, drip, platform, raw, reset, then_close

GET = "GET"
LONG = 300_000_000
BETWEEN = 30_000_000
"""More than the system keeps of what one side wrote and the other has not read."""


async def test_it_carries_no_cookie_from_one_post_to_the_next() -> None:
    async with platform(answer(200, {"Set-Cookie": "session=1; Path=/"}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        for _ in range(2):
            await http.send(Request(f"{there.base}/", method=GET))
        await http.close()
    assert len(there.heard) == 2
    assert all("cookie" not in heard.headers for heard in there.heard)


async def test_it_asks_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with platform(answer(200, {}, b"")) as there, platform(answer(200, {}, b"")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.base)
        http = HttpClient(Guard(there.hosts))
        await http.send(Request(f"{there.base}/", method=GET))
        await http.close()
    assert (len(there.heard), proxy.connections) == (1, 0)


async def test_it_keeps_a_connection_for_the_next_post() -> None:
    async with platform(answer(200, {}, b"{}")) as there:
        http = HttpClient(Guard(there.hosts))
        for _ in range(5):
            await http.send(Request(f"{there.base}/", json={"a": 1}))
        await http.close()
    assert (there.connections, len(there.heard)) == (1, 5)
    assert there.heard[0].json == {"a": 1}


def flood(head: bytes, *, chunked: bool, left: list[int]) -> Act:
    """300 MB, each piece only when the one before has left; `left` is told of each."""
    piece = b"x" * 2**16
    wire = b"10000\r\n" + piece + b"\r\n" if chunked else piece

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(head + b"\r\n\r\n")
        while sum(left) < LONG:
            writer.write(wire)
            await writer.drain()
            left.append(len(piece))

    return act


HEADS = {
    "a length": b"Content-Length: %d" % LONG,
    "chunks": b"Transfer-Encoding: chunked",
    "until the line is closed": b"Connection: close",
}


@pytest.mark.parametrize("ends", HEADS)
async def test_of_300_megabytes_it_takes_the_beginning_and_hangs_up(ends: str) -> None:
    left: list[int] = []
    act = flood(b"HTTP/1.1 200 OK\r\n" + HEADS[ends], chunked=ends == "chunks", left=left)
    reply, grown = await _read_with_its_memory(act)
    assert reply.body == b"x" * BODY_CAP
    assert sum(left) < BETWEEN, "it read on"
    assert grown < 5_000_000


async def test_a_bomb_is_not_unpacked() -> None:
    """What is a hundred kilobytes here would be a hundred megabytes unpacked."""
    bomb = gzip.compress(bytes(100_000_000))
    assert BODY_CAP < len(bomb) < 200_000
    reply, grown = await _read_with_its_memory(answer(200, {"Content-Encoding": "gzip"}, bomb))
    assert reply.body == bomb[:BODY_CAP]
    assert grown < 5_000_000


async def _read_with_its_memory(act: Act) -> tuple[Reply, int]:
    """What was read of this answer, and by how many bytes all of Python's memory was larger at most meanwhile."""
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            reply = await http.send(Request(f"{there.base}/", method=GET))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            await http.close()
    return reply, most - before


@pytest.mark.alone
async def test_its_deadline_covers_the_whole_answer() -> None:
    async with platform(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99, every_s=0.02)) as there:
        http = HttpClient(Guard(there.hosts), deadline_s=0.3)
        started = asyncio.get_running_loop().time()
        with pytest.raises(LineLost):
            await http.send(Request(f"{there.base}/", method=GET))
        assert asyncio.get_running_loop().time() - started < 2
        await http.close()


async def test_waiting_for_a_free_connection_says_nothing() -> None:
    """The second post stood in line behind a silent server until its deadline: not one byte of it left."""
    async with platform(raw(b"")) as there:
        http = HttpClient(Guard(there.hosts), connections=1, deadline_s=30)
        first = asyncio.create_task(http.send(Request(f"{there.base}/0", json={})))
        await asyncio.sleep(0.2)
        http._deadline_s = 0.3
        with pytest.raises(NotSent):
            await http.send(Request(f"{there.base}/1", json={}))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await http.close()
    assert [heard.path for heard in there.heard] == ["/0"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "POST", "PATCH"])
async def test_nothing_is_said_twice_by_itself_whatever_the_method(method: str) -> None:
    """aiohttp repeats what HTTP calls idempotent when a connection is cut, a fresh one or a kept one."""
    async with platform(then_close()) as there:
        http = HttpClient(Guard(there.hosts))
        with pytest.raises(LineLost):
            await http.send(Request(f"{there.base}/0", method=method))
        there.act = answer(200, {}, b"")
        await http.send(Request(f"{there.base}/1"))
        there.act = then_close()
        with pytest.raises(LineLost):
            await http.send(Request(f"{there.base}/2", method=method))
        await http.close()
    assert [heard.path for heard in there.heard] == ["/0", "/1", "/2"]


async def test_a_call_that_is_cancelled_is_cancelled() -> None:
    async with platform(raw(b"")) as there:
        http = HttpClient(Guard(there.hosts))
        task = asyncio.create_task(http.send(Request(f"{there.base}/", method=GET)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await http.close()


@pytest.mark.parametrize(
    "url", ["https://exa\u0300..org/", "https://xn--a.org:443/\ud800", "https://example.org:443/\x7f"]
)
async def test_an_impossible_address_says_nothing(url: str) -> None:
    http = HttpClient(Guard(frozenset({"example.org"})), deadline_s=0.5)
    with pytest.raises(NotSent):
        await http.send(Request(url))
    await http.close()


async def test_an_impossible_header_says_nothing() -> None:
    async with platform(answer(200, {}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        for value in ("a\r\nX-Evil: 1", "你好", "\x00"):
            with pytest.raises(NotSent):
                await http.send(Request(f"{there.base}/", headers={"webhook-id": value}))
        await http.close()
    assert there.heard == []


async def test_each_kind_of_body_is_named() -> None:
    async with platform(answer(200, {}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        await http.send(Request(f"{there.base}/json", json={"text": "集合 \ud800"}))
        await http.send(Request(f"{there.base}/form", form={"text": "集 合&"}))
        await http.send(Request(f"{there.base}/bytes", body=b"\x00", headers={"content-type": "image/png"}))
        await http.send(Request(f"{there.base}/none?a=%2B&b=c+d", method=GET))
        await http.close()
    kinds = [(heard.path, heard.headers.get("content-type"), heard.body) for heard in there.heard]
    assert kinds == [
        ("/json", "application/json", '{"text":"集合 ?"}'.encode()),
        ("/form", "application/x-www-form-urlencoded", b"text=%E9%9B%86+%E5%90%88%26"),
        ("/bytes", "image/png", b"\x00"),
        ("/none?a=%2B&b=c+d", None, b""),
    ]


async def test_a_secret_in_the_url_reaches_no_exception_repr_or_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with platform(reset) as there:
        request = Request(f"{there.base}/bot1:{CANARY}/x?key={CANARY}", json={"k": CANARY}, headers={"X": CANARY})
        http = HttpClient(Guard(there.hosts), deadline_s=0.5)
        with pytest.raises(LineLost) as lost:
            await http.send(request)
        with pytest.raises(NotSent) as unsent:
            await http.send(Request(f"https://127.0.0.1/bot1:{CANARY}"))
        await http.close()
    for raised in (lost.value, unsent.value):
        assert raised.__context__ is None
        assert CANARY not in "".join(traceback.format_exception(raised))
    assert CANARY not in repr(request)
    assert CANARY not in caplog.text


async def test_a_reply_shows_neither_headers_nor_body() -> None:
    async with platform(answer(200, {"X-Echo": CANARY}, CANARY.encode())) as there:
        http = HttpClient(Guard(there.hosts))
        reply = await http.send(Request(f"{there.base}/", method=GET))
        await http.close()
    assert reply.headers["x-echo"] == CANARY
    assert CANARY not in repr(reply)
