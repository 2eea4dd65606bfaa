"""The real adapters and the practice platform understand each other, though they share no line of code."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.channels.port import Checked, Credential, Outcome, Post, Posted, Scope, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.conftest import T0
from tests.simulator.conftest import Sim

V = Verdict
ADDRESS = {
    "dingtalk": "robot-0001",
    "feishu": "bot-0001",
    "feishu_app": "oc_practice",
    "telegram": "-1001",
    "wecom": "robot-0001",
    "wecom_app": "wangfang",
    "webhook": "{base}/webhook/in",
}
SECRET = {
    "feishu_app": {"app_id": "cli_practice", "app_secret": "practice"},
    "wecom_app": {"corp_id": "ww_practice", "corp_secret": "practice-secret", "agent_id": "1000002"},
}
WAITS = {"dingtalk": 600, "feishu": 2, "wecom": 60, "wecom_app": 60}  # where the answer names no time


async def _post(sim: Sim, platform: str, text: str = "集合") -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    post = Post(
        key="dlv_1",
        text=text,
        at=T0,
        address=ADDRESS[platform].replace("{base}", sim.base),
        secret=SECRET.get(platform, {"bot_token": "1:a"}),
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
async def test_a_fault_is_understood(sim: Sim, platform: str, kind: str | None, verdicts: set[Verdict]) -> None:
    if kind:
        await sim.control("faults", platform=platform, kind=kind, retry_after=9)
    outcome = await _post(sim, platform)
    assert outcome.verdict in verdicts, outcome
    if outcome.verdict is V.THROTTLED:
        assert outcome.wait_s == WAITS.get(platform, 9)


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
    for platform in ("dingtalk", "feishu", "telegram", "wecom", "wecom_app"):
        assert (await _post(sim, platform, "字" * 7000)).verdict is V.CONTENT_REFUSED, platform
    assert (await _post(sim, "feishu_app", "字" * 60_000)).verdict is V.CONTENT_REFUSED


@pytest.mark.parametrize("platform", ["webhook", "feishu_app"])
async def test_repeating_a_key_posts_once(sim: Sim, platform: str) -> None:
    await sim.control("faults", platform=platform, kind="drop_after_accept")
    assert (await _post(sim, platform)).verdict is V.AMBIGUOUS
    assert (await _post(sim, platform)).verdict is V.SENT
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]


class Desk:
    """One adapter that speaks to the practice platform more than once."""

    def __init__(self, sim: Sim, platform: str, **secret: str) -> None:
        self.channel: Any = channels()[platform]
        self.address = ADDRESS[platform]
        self.secret = {**SECRET.get(platform, {}), **secret}
        self.base = sim.base
        self.http = HttpClient(Guard(frozenset({"127.0.0.1"})))

    async def post(self, text: str = "集合", *, key: str = "dlv_1") -> Outcome:
        post = Post(key, text, datetime.now(UTC), self.address, self.secret, self.base)
        outcome: Outcome = await self.channel.post(post, self.http)
        return outcome

    async def recall(self, number: str | None) -> Outcome:
        posted = Posted(number or "", datetime.now(UTC), self.address, self.secret, self.base)
        outcome: Outcome = await self.channel.recall(posted, self.http)
        return outcome

    async def check(self) -> Checked:
        found: Checked = await self.channel.check(Credential(datetime.now(UTC), self.secret, self.base), self.http)
        return found


@pytest.fixture
async def desks(sim: Sim) -> AsyncIterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def desk(platform: str, **secret: str) -> Desk:
        made.append(Desk(sim, platform, **secret))
        return made[-1]

    yield desk
    for one in made:
        await one.http.close()


@pytest.mark.parametrize("platform", ["dingtalk", "feishu"])
async def test_a_signature_is_accepted_and_a_wrong_one_is_not(
    sim: Sim, desks: Callable[..., Desk], platform: str
) -> None:
    await sim.control("targets", platform=platform, target=ADDRESS[platform], secret="SEC&一二三")
    assert (await desks(platform, secret="SEC&一二三").post()).verdict is V.SENT
    assert (await desks(platform, signing_secret="SEC&一二三").post()).verdict is V.SENT
    assert (await desks(platform, secret="another").post()).verdict is V.TARGET_GONE
    assert (await desks(platform, signing_secret="another").post()).verdict is V.CREDENTIAL_REFUSED
    assert (await desks(platform).post()).verdict is V.TARGET_GONE


@pytest.mark.parametrize("platform", ["dingtalk", "feishu"])
async def test_a_robots_other_locks_are_told_apart(sim: Sim, desks: Callable[..., Desk], platform: str) -> None:
    desk = desks(platform)
    await sim.control("targets", platform=platform, target=desk.address, keyword="通知")
    assert (await desk.post("集合")).verdict is V.CONTENT_REFUSED
    assert (await desk.post("通知：集合")).verdict is V.SENT
    await sim.control("targets", platform=platform, target=desk.address, ip_refused=True)
    assert (await desk.post()).verdict is V.TARGET_GONE


@pytest.mark.parametrize("says", [None, "410100", "x5"])
async def test_dingtalks_penalty_is_waited_out(sim: Sim, desks: Callable[..., Desk], says: str | None) -> None:
    desk = desks("dingtalk")
    await sim.control("targets", platform="dingtalk", target=desk.address, says=says)
    outcomes = [await desk.post() for _ in range(21)]
    assert [outcome.verdict for outcome in outcomes] == [V.SENT] * 20 + [V.THROTTLED]
    await sim.forward(outcomes[-1].wait_s or 0)
    assert (await desk.post()).verdict is V.SENT


@pytest.mark.parametrize("says", [None, "9499"])
async def test_feishus_limit_is_waited_out(sim: Sim, desks: Callable[..., Desk], says: str | None) -> None:
    desk = desks("feishu")
    await sim.control("targets", platform="feishu", target=desk.address, says=says)
    outcomes = [await desk.post() for _ in range(12)]
    first = next(outcome for outcome in outcomes if outcome.verdict is not V.SENT)
    assert (first.verdict, first.wait_s) == (V.THROTTLED, 2)
    await sim.forward(2)
    assert (await desk.post()).verdict is V.SENT


async def test_feishus_chat_and_gateway_ask_to_wait_in_their_own_scope(sim: Sim, desks: Callable[..., Desk]) -> None:
    desk = desks("feishu_app")
    outcomes = [await desk.post(key=f"dlv_{number}") for number in range(12)]
    held = [outcome for outcome in outcomes if outcome.verdict is not V.SENT]
    assert {(outcome.verdict, outcome.scope, outcome.wait_s) for outcome in held} == {(V.THROTTLED, Scope.CHAT, 1)}
    await sim.control("faults", platform="feishu_app", kind="throttle", retry_after=52)
    await sim.forward(2)
    outcome = await desk.post(key="dlv_13")
    assert (outcome.verdict, outcome.scope, outcome.wait_s) == (V.THROTTLED, Scope.ACCOUNT, 52)


@pytest.mark.parametrize("platform", ["feishu_app", "wecom_app"])
async def test_a_token_that_ended_is_renewed(sim: Sim, desks: Callable[..., Desk], platform: str) -> None:
    desk = desks(platform)
    await desk.post()
    await sim.forward(8000)
    assert (await desk.post(key="dlv_2")).verdict in {V.SENT, V.HANDED_OVER}
    assert [receipt["accepted"] for receipt in await sim.receipts()] == [True, True]


@pytest.mark.parametrize(("platform", "name"), [("feishu_app", "cli_practice"), ("wecom_app", "practice-secret")])
async def test_a_credential_is_asked_after(sim: Sim, desks: Callable[..., Desk], platform: str, name: str) -> None:
    desk = desks(platform)
    assert (await desk.check()).works is True
    await sim.control("targets", platform=platform, credential=name, dead=True)
    assert (await desk.check()).works is False
    assert await sim.receipts() == []


@pytest.mark.parametrize("platform", ["feishu_app", "wecom_app"])
async def test_a_message_is_taken_back_while_it_is_young(sim: Sim, desks: Callable[..., Desk], platform: str) -> None:
    desk = desks(platform)
    first, second = [(await desk.post(key=f"dlv_{number}")).message_id for number in range(2)]
    assert (await desk.recall(first)).verdict is V.SENT
    assert (await desk.recall(first)).verdict is V.SENT, "it stands no more"
    assert (await desk.recall("om_unknown")).verdict is V.CONTENT_REFUSED
    await sim.forward(25 * 3600)
    assert (await desk.recall(second)).verdict is V.CONTENT_REFUSED


async def test_a_member_without_a_licence_gets_nothing_behind_an_ok(sim: Sim, desks: Callable[..., Desk]) -> None:
    await sim.control("targets", platform="wecom_app", target="wangfang", state="blocked")
    outcome = await desks("wecom_app").post()
    assert (outcome.verdict, outcome.code) == (V.TARGET_GONE, "unlicenseduser")
