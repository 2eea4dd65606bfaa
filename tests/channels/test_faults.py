"""The network at its worst, for every channel: what was provably not sent, and what nobody can know."""

import gzip
from dataclasses import replace

import pytest

from app.channels.port import Outcome, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient, Request
from tests.channels.harness import Bench, holds_no_secret
from tests.channels.platform import Act, answer, drip, platform, raw, reset, then_close
from tests.channels.test_answers import BENCHES
from tests.servers import free_port

V = Verdict
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"
LONG = b"x" * 300_000

LOST: dict[str, Act] = {
    "closed without an answer": then_close(),
    "reset after the body": reset,
    "half a status line": then_close(b"HTTP/1."),
    "half a header": then_close(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "half a body": then_close(HEAD + b'{"ok":true,"res'),
    "garbage": then_close(b"\x00\x01\x02 what\r\n\r\n"),
    "another protocol": then_close(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "a broken chunk": then_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello"),
    "a header of a megabyte": then_close(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n"),
    "silence": raw(b""),
    "a slow drip": drip(HEAD, every_s=0.05),
}

ENDLESS = {"silence", "a slow drip"}

BENCH = pytest.mark.parametrize("bench", BENCHES, ids=str)


@BENCH
@pytest.mark.parametrize("fault", LOST, ids=str)
async def test_a_line_lost_after_the_words_left_is_never_called_unsent(bench: Bench, fault: str) -> None:
    outcome, there = await bench.say(LOST[fault], deadline_s=1 if fault in ENDLESS else 10)
    assert outcome.verdict is V.AMBIGUOUS
    assert len(there.heard) == 1, "the words were repeated"
    assert holds_no_secret(outcome, bench)


@BENCH
async def test_a_refused_connection_said_nothing(bench: Bench) -> None:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    async with platform(bench.good.act) as there:
        post = bench.post(replace(there, port=free_port()))
        outcome = await bench.channel.post(post, http)
    await http.close()
    assert outcome.verdict is V.NOT_SENT
    assert not there.connections
    assert holds_no_secret(outcome, bench)


@BENCH
async def test_a_host_nobody_listed_is_not_spoken_to(bench: Bench) -> None:
    http = HttpClient(Guard())
    async with platform(bench.good.act) as there:
        outcome = await bench.channel.post(bench.post(there), http)
    await http.close()
    assert outcome.verdict is V.NOT_SENT
    assert not there.connections
    assert holds_no_secret(outcome, bench)


@BENCH
async def test_a_kept_connection_cut_under_the_next_post_is_unknown(bench: Bench) -> None:
    """The trap of this transport: it calls the cut a connect timeout, as if nothing had been said."""
    async with platform(bench.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        first = await bench.channel.post(bench.post(there), http)
        there.act = then_close()
        second = await bench.channel.post(bench.post(there), http)
        await http.close()
    assert (first.verdict, second.verdict) == (bench.good.verdict, V.AMBIGUOUS)
    assert there.connections == 1
    assert len(there.heard) == 2


def _in_their_own_words(bench: Bench, outcome: Outcome, body: bytes) -> bool:
    """Only the webhook is judged by its status, and Teams says nothing at all; everyone else says yes in words."""
    if bench.channel.platform == "teams" and not body:
        return outcome.verdict is V.HANDED_OVER
    return outcome.verdict is (V.SENT if bench.channel.platform == "webhook" else V.AMBIGUOUS)


@BENCH
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Welcome to the hotel network</html>",
        b'{"ok":true,"err',
        b"null",
        b'"ok"',
        b"[]",
        b"[" * 60_000,
        LONG,
    ],
)
async def test_a_200_is_a_yes_only_in_the_platforms_own_words(bench: Bench, body: bytes) -> None:
    outcome, _ = await bench.say(answer(200, {"Content-Type": "text/html"}, body))
    assert _in_their_own_words(bench, outcome, body), outcome


@BENCH
async def test_a_yes_that_would_have_to_be_unpacked_is_none(bench: Bench) -> None:
    packed = gzip.compress(bench.good.body if isinstance(bench.good.body, bytes) else bench.good.body.encode())
    outcome, _ = await bench.say(answer(200, {**bench.good.headers, "Content-Encoding": "gzip"}, packed))
    assert _in_their_own_words(bench, outcome, packed), outcome


@BENCH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(bench: Bench, status: int) -> None:
    async with platform(bench.good.act) as trap:
        outcome, there = await bench.say(answer(status, {"Location": f"{trap.base}/secret"}, b""))
    assert outcome.verdict in {V.CONTENT_REFUSED, V.TARGET_GONE}
    assert len(there.heard) == 1
    assert trap.connections == 0


async def test_the_client_still_works_after_every_fault() -> None:
    async with platform(reset) as there:
        http = HttpClient(Guard(there.hosts), deadline_s=0.5)
        for act in LOST.values():
            there.act = act
            for bench in BENCHES:
                await bench.channel.post(bench.post(there), http)
        there.act = answer(200, {}, b"hello")
        reply = await http.send(Request(f"{there.base}/", method="GET"))
        await http.close()
    assert reply.body == b"hello"
