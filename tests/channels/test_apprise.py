"""Apprise, the real library beside a real receiver: what little it says is not made more of than it is."""

import asyncio
import io
import logging
import threading
import tomllib

import pytest

from app.channels.adapters.apprise import THREADS, Apprise
from app.channels.addresses import address_problem
from app.channels.port import Channel, Checks, Outcome, Post, Recalls, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.settings import ROOT
from tests.channels.harness import CANARY
from tests.channels.platform import Act, Platform, answer, platform, raw, reset, then_close
from tests.conftest import T0
from tests.servers import free_port

V = Verdict
YES = answer(200, {}, b"ok")


def _post(address: str, text: str = "集合：周六 9 点") -> Post:
    return Post("dlv_1", text, T0, address)


async def _say(
    act: Act, *, deadline_s: float = 30.0, arguments: str = "", text: str = "集合"
) -> tuple[Outcome, Platform]:
    async with platform(act) as there:
        channel = Apprise(Guard(there.hosts), deadline_s=deadline_s)
        address = f"json://127.0.0.1:{there.port}/hooks/{CANARY}{arguments}"
        return await channel.post(_post(address, text), HttpClient(Guard())), there


@pytest.mark.parametrize(
    ("act", "verdict"),
    [
        (YES, V.HANDED_OVER),
        (answer(204, {}, b""), V.HANDED_OVER),
        (answer(200, {}, b"<html>Welcome to the hotel network</html>"), V.HANDED_OVER),
        (answer(400, {}, CANARY.encode()), V.AMBIGUOUS),
        (answer(401, {}, b""), V.AMBIGUOUS),
        (answer(404, {}, b""), V.AMBIGUOUS),
        (answer(429, {"Retry-After": "7"}, b""), V.AMBIGUOUS),
        (answer(500, {}, b""), V.AMBIGUOUS),
        (then_close(), V.AMBIGUOUS),
        (then_close(b"HTTP/1.1 20"), V.AMBIGUOUS),
        (reset, V.AMBIGUOUS),
    ],
)
async def test_yes_is_handed_over_and_all_else_is_unknown(
    act: Act, verdict: Verdict, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    logged = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(logged)])
    monkeypatch.setattr(logging.getLogger("apprise"), "level", logging.DEBUG)
    logging.getLogger("another").warning("this is heard")
    outcome, there = await _say(act)
    assert outcome.verdict is verdict, outcome
    assert len(there.heard) == 1, "the words were repeated"
    assert there.heard[0].json["message"] == "集合"
    assert outcome.detail.endswith(".")
    assert (outcome.wait_s, outcome.message_id) == (None, None)
    said = repr(outcome) + logged.getvalue() + "".join(capfd.readouterr())
    assert CANARY not in said
    assert "this is heard" in said


async def test_it_tries_once_and_follows_nothing_whatever_the_address_asks_for() -> None:
    async with platform(YES) as trap:
        away = answer(302, {"Location": f"{trap.base}/secret"}, b"")
        outcome, there = await _say(away, arguments="?redirect=yes&retry=5&wait=0.1")
        assert outcome.verdict is V.AMBIGUOUS
        assert (len(there.heard), trap.connections) == (1, 0)
    outcome, there = await _say(answer(500, {}, b""), arguments="?retry=3&wait=0.1")
    assert len(there.heard) == 1


async def test_no_name_in_the_text_calls_anybody() -> None:
    _, there = await _say(YES, text="@everyone <!channel> a@example.org")
    assert there.heard[0].json["message"] == "＠everyone ＜!channel> a@example.org"


async def test_a_refused_connection_is_unknown_too_for_nobody_says_so() -> None:
    channel = Apprise(Guard(frozenset({"127.0.0.1"})))
    outcome = await channel.post(_post(f"json://127.0.0.1:{free_port()}/x"), HttpClient(Guard()))
    assert outcome.verdict is V.AMBIGUOUS


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "redis", "2130706433"]
)
async def test_a_host_nobody_listed_is_not_spoken_to(host: str) -> None:
    async with platform(YES) as there:
        channel = Apprise(Guard())
        outcome = await channel.post(_post(f"json://{host}:{there.port}/{CANARY}"), HttpClient(Guard()))
    assert outcome.verdict in {V.NOT_SENT, V.TARGET_GONE}, outcome
    assert there.connections == 0
    assert CANARY not in repr(outcome)


async def test_silence_ends_at_the_deadline_and_is_unknown() -> None:
    outcome, there = await _say(raw(b""), deadline_s=2)
    assert (outcome.verdict, outcome.code) == (V.AMBIGUOUS, "no_answer")
    assert len(there.heard) == 1


async def test_what_found_no_thread_in_time_is_never_said() -> None:
    held = threading.Event()
    async with platform(YES) as there:
        channel = Apprise(Guard(there.hosts), deadline_s=0.3)
        busy = [channel._threads.submit(held.wait) for _ in range(THREADS)]
        outcome = await channel.post(_post(f"json://127.0.0.1:{there.port}/x"), HttpClient(Guard()))
        held.set()
        await asyncio.gather(*map(asyncio.wrap_future, busy))
        last = await asyncio.wrap_future(channel._threads.submit(lambda: True))
        assert (outcome.verdict, outcome.wait_s) == (V.NOT_SENT, 5)
        assert last
        assert there.connections == 0


@pytest.mark.parametrize(
    "address",
    ["", "jsons", "https:/x", "jsons://", "jsons://a b", "jsons://例子.org/x", "dbus://", "syslog://localhost/user",
     "mailto://u:p@example.org", "MailTo://u:p@example.org?smtp=10.0.0.1", "fcm://p@k/t?keyfile=/etc/passwd"],
)  # fmt: skip
async def test_what_is_no_address_for_us_is_explained_and_not_used(address: str) -> None:
    channel = Apprise(Guard())
    assert "Apprise" in (channel.address_problem(address) or "")
    assert (await channel.post(_post(address), HttpClient(Guard()))).verdict is V.TARGET_GONE


async def test_a_service_nobody_knows_is_gone() -> None:
    outcome = await Apprise(Guard()).post(_post("carrierpigeon://loft.example.org"), HttpClient(Guard()))
    assert (outcome.verdict, outcome.code) == (V.TARGET_GONE, "bad_address")


@pytest.mark.parametrize(
    "address", ["jsons://example.org/x", "tgram://123456789:abcdefg_hijklmnop/12315544/", "ntfy://topic"]
)
def test_an_address_is_a_whole_url_of_the_library(address: str) -> None:
    channel: Channel = Apprise(Guard())
    assert address_problem(channel, address, Guard()) is None


def test_it_promises_nothing_beyond_posting() -> None:
    channel = channels()["apprise"]
    assert not isinstance(channel, Recalls | Checks)
    assert channel.keyed is None


def test_it_is_an_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert any(line.startswith("apprise") for line in project["optional-dependencies"]["apprise"])
    assert not any(line.startswith("apprise") for line in project["dependencies"])
