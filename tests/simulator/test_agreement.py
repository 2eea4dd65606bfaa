"""The real adapters and the practice platform understand each other, though they share no line of code."""

import pytest

from app.channels.port import Outcome, Post, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.conftest import T0
from tests.simulator.conftest import Sim

V = Verdict
ADDRESS = {
    "telegram": "-1001",
    "wecom": "robot-0001",
    "webhook": "{base}/webhook/in",
    "mattermost": "{base}/hooks/hook0001",
    "mattermost_app": "c" * 26,
    "zulip": "42:announcements",
    "googlechat": "{base}/v1/spaces/AAAA/messages?key=k&token=t",
    "teams": "{base}/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sig=s",
}
TARGET = {
    **ADDRESS,
    "webhook": "in",
    "mattermost": "hook0001",
    "googlechat": "AAAA",
    "teams": "0123456789abcdef",
}  # the same chat, as the practice platform calls it
SECRET = {"bot_token": "1:a", "access_token": "mm-token", "email": "bot@example.org", "api_key": "zulip-key"}
BACKS_OFF = {"wecom": 60, "googlechat": 10, "teams": 10}  # who names no wait of its own


def platform_of(channel: str) -> str:
    return channels()[channel].platform


async def said(sim: Sim, channel: str, text: str = "集合", *, key: str = "dlv_1") -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    post = Post(
        key=key,
        text=text,
        at=T0,
        address=ADDRESS[channel].replace("{base}", sim.base),
        secret=SECRET,
        base_url=sim.base,
    )
    try:
        return await channels()[channel].post(post, http)
    finally:
        await http.close()


def test_every_channel_is_practised() -> None:
    assert set(ADDRESS) == set(channels())


@pytest.mark.parametrize("channel", ADDRESS)
@pytest.mark.parametrize(
    ("kind", "verdicts"),
    [
        (None, {V.SENT, V.HANDED_OVER}),
        ("drop_after_accept", {V.AMBIGUOUS}),
        ("reset", {V.AMBIGUOUS}),
        ("http_500", {V.AMBIGUOUS}),
        ("http_502", {V.AMBIGUOUS}),
        ("html_200", {V.AMBIGUOUS, V.SENT}),
        ("throttle", {V.THROTTLED}),
        ("credential_refused", {V.CREDENTIAL_REFUSED, V.TARGET_GONE}),
    ],
)
async def test_a_fault_is_understood(sim: Sim, channel: str, kind: str | None, verdicts: set[Verdict]) -> None:
    if kind:
        await sim.control("faults", platform=platform_of(channel), kind=kind, retry_after=9)
    outcome = await said(sim, channel)
    assert outcome.verdict in verdicts, outcome
    if outcome.verdict is V.THROTTLED:
        assert outcome.wait_s == BACKS_OFF.get(channel, 9)


@pytest.mark.parametrize("channel", ADDRESS)
@pytest.mark.parametrize("kind", ["slow", "drip", "half_answer"])
async def test_an_answer_that_is_late_or_half_is_understood(sim: Sim, channel: str, kind: str) -> None:
    await sim.control("faults", platform=platform_of(channel), kind=kind, delay_s=0.1)
    outcome = await said(sim, channel)
    whole = {V.HANDED_OVER if channel == "teams" else V.SENT}  # the webhook's and Teams' status is the whole answer
    assert outcome.verdict in ({V.AMBIGUOUS} | whole if kind == "half_answer" else whole), outcome
    assert [receipt["accepted"] for receipt in await sim.receipts()] == [True]


@pytest.mark.parametrize("channel", ADDRESS)
@pytest.mark.parametrize("state", ["kicked", "blocked", "deleted", "unknown"])
async def test_a_closed_chat_is_gone(sim: Sim, channel: str, state: str) -> None:
    await sim.control("targets", platform=platform_of(channel), target=TARGET[channel], state=state)
    assert (await said(sim, channel)).verdict is V.TARGET_GONE


async def test_an_upgraded_group_is_found_again(sim: Sim) -> None:
    await sim.control("targets", platform="telegram", target="-1001", state="migrated", migrate_to=-1009)
    outcome = await said(sim, "telegram")
    assert (outcome.verdict, outcome.moved_to) == (V.MOVED, "-1009")


async def test_a_text_that_is_too_long_is_refused_as_such(sim: Sim) -> None:
    for channel, count in (("telegram", 5000), ("wecom", 5000), ("mattermost_app", 16_384), ("googlechat", 10_700)):
        assert (await said(sim, channel, "字" * count)).verdict is V.CONTENT_REFUSED


async def test_repeating_a_key_posts_once(sim: Sim) -> None:
    await sim.control("faults", platform="webhook", kind="drop_after_accept")
    assert (await said(sim, "webhook")).verdict is V.AMBIGUOUS
    assert (await said(sim, "webhook")).verdict is V.SENT
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]
