"""The real adapters and the practice platform understand each other, though they share no line of code."""

import pytest

from app.channels.adapters.telegram import Telegram
from app.channels.port import Credential, Outcome, Post, Posted, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.conftest import T0
from tests.simulator.conftest import Sim

V = Verdict
ADDRESS = {"telegram": "-1001", "wecom": "robot-0001", "webhook": "{base}/webhook/in"}


async def _post(sim: Sim, platform: str, text: str = "集合", *, mention_all: bool = False) -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    post = Post(
        key="dlv_1",
        text=text,
        at=T0,
        address=ADDRESS[platform].replace("{base}", sim.base),
        secret={"bot_token": "1:a"},
        base_url=sim.base,
        mention_all=mention_all,
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
    for platform in ("telegram", "wecom"):
        assert (await _post(sim, platform, "字" * 5000)).verdict is V.CONTENT_REFUSED


async def test_everyone_is_called_only_where_that_can_be_said(sim: Sim) -> None:
    for platform in ADDRESS:
        assert (await _post(sim, platform, "@all <@all> 集合", mention_all=True)).verdict is V.SENT


async def _recall(sim: Sim, message_id: str) -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    posted = Posted(message_id, T0, "-1001", {"bot_token": "1:a"}, sim.base)
    try:
        return await Telegram().recall(posted, http)
    finally:
        await http.close()


async def test_what_was_posted_is_taken_back_for_two_days(sim: Sim) -> None:
    first, second = [(await _post(sim, "telegram")).message_id or "" for _ in range(2)]
    assert [(await _recall(sim, first)).verdict for _ in range(2)] == [V.SENT, V.SENT]
    await sim.forward(49 * 3600)
    late = await _recall(sim, second)
    assert (late.verdict, late.code) == (V.CONTENT_REFUSED, "400")
    await sim.control("targets", platform="telegram", credential="1:a", dead=True)
    assert (await _recall(sim, second)).verdict is V.CREDENTIAL_REFUSED


async def test_a_token_is_asked_after_without_a_word_in_any_chat(sim: Sim) -> None:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    said = []
    for token in ("1:a", "not a token", "1:a"):
        said.append((await Telegram().check(Credential(T0, {"bot_token": token}, sim.base), http)).works)
        await sim.control("targets", platform="telegram", credential="1:a", dead=len(said) == 2)
    await http.close()
    assert said == [True, False, False]
    assert await sim.receipts() == []


async def test_repeating_a_key_posts_once(sim: Sim) -> None:
    await sim.control("faults", platform="webhook", kind="drop_after_accept")
    assert (await _post(sim, "webhook")).verdict is V.AMBIGUOUS
    assert (await _post(sim, "webhook")).verdict is V.SENT
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]
