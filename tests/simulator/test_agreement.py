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
    "matrix": "!one:localhost",
    "webhook": "{base}/webhook/in",
}
SECRET = {"bot_token": "1:a", "access_token": "syt_Ym90_a_b"}


async def _post(sim: Sim, platform: str, text: str = "集合") -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    post = Post(
        key="dlv_1",
        text=text,
        at=T0,
        address=ADDRESS[platform].replace("{base}", sim.base),
        secret=SECRET,
        base_url=sim.base,
    )
    try:
        return await channels()[platform].post(post, http)
    finally:
        await http.close()


@pytest.mark.parametrize("platform", ADDRESS)
@pytest.mark.parametrize(
    ("kind", "verdicts"),
    [
        (None, {V.SENT}),
        ("drop_after_accept", {V.AMBIGUOUS}),
        ("reset", {V.AMBIGUOUS}),
        ("http_500", {V.AMBIGUOUS}),
        ("http_502", {V.AMBIGUOUS}),
        ("html_200", {V.AMBIGUOUS, V.SENT}),
        ("throttle", {V.THROTTLED}),
        ("credential_refused", {V.CREDENTIAL_REFUSED, V.TARGET_GONE}),
    ],
)
async def test_a_fault_is_understood(sim: Sim, platform: str, kind: str | None, verdicts: set[Verdict]) -> None:
    if kind:
        await sim.control("faults", platform=platform, kind=kind, retry_after=9)
    outcome = await _post(sim, platform)
    assert outcome.verdict in verdicts, outcome
    if outcome.verdict is V.THROTTLED:
        assert outcome.wait_s == (60 if platform == "wecom" else 9)


@pytest.mark.parametrize("platform", ADDRESS)
@pytest.mark.parametrize("state", ["kicked", "blocked", "deleted", "unknown"])
async def test_a_closed_chat_is_gone(sim: Sim, platform: str, state: str) -> None:
    target = "in" if platform == "webhook" else ADDRESS[platform]
    await sim.control("targets", platform=platform, target=target, state=state)
    assert (await _post(sim, platform)).verdict is V.TARGET_GONE


async def test_an_upgraded_group_is_found_again(sim: Sim) -> None:
    await sim.control("targets", platform="telegram", target="-1001", state="migrated", migrate_to=-1009)
    outcome = await _post(sim, "telegram")
    assert (outcome.verdict, outcome.moved_to) == (V.MOVED, "-1009")


async def test_a_text_that_is_too_long_is_refused_as_such(sim: Sim) -> None:
    for platform, length in (("telegram", 5000), ("wecom", 5000), ("matrix", 22_000)):
        assert (await _post(sim, platform, "字" * length)).verdict is V.CONTENT_REFUSED


@pytest.mark.parametrize("platform", ["webhook", "matrix"])
async def test_repeating_a_key_posts_once(sim: Sim, platform: str) -> None:
    await sim.control("faults", platform=platform, kind="drop_after_accept")
    assert (await _post(sim, platform)).verdict is V.AMBIGUOUS
    assert (await _post(sim, platform)).verdict is V.SENT
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]
