"""What else the real adapters and the practice platform agree on: how fast, and behind which locks."""

import asyncio

import pytest

from app.channels.port import Post, Verdict
from app.core.limits import Scope
from tests.conftest import T0
from tests.simulator.conftest import Sim
from tests.simulator.talk import Desk, said

V = Verdict


@pytest.mark.parametrize("channel", ["dingtalk", "feishu"])
async def test_a_signature_is_accepted_and_a_wrong_one_is_not(sim: Sim, channel: str) -> None:
    async def verdict(**secret: str) -> Verdict:
        async with Desk(sim, channel, **secret) as desk:
            return (await desk.post()).verdict

    async with Desk(sim, channel) as desk:
        await sim.control("targets", platform=channel, target=desk.address, secret="SEC&一二三")
    assert await verdict(secret="SEC&一二三") is V.SENT
    assert await verdict(signing_secret="SEC&一二三") is V.SENT
    assert await verdict(secret="another") is V.TARGET_GONE
    assert await verdict(signing_secret="another") is V.CREDENTIAL_REFUSED
    assert await verdict() is V.TARGET_GONE


@pytest.mark.parametrize("channel", ["dingtalk", "feishu"])
async def test_a_robots_other_locks_are_told_apart(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        await sim.control("targets", platform=channel, target=desk.address, keyword="通知")
        assert (await desk.post("集合")).verdict is V.CONTENT_REFUSED
        assert (await desk.post("通知：集合")).verdict is V.SENT
        await sim.control("targets", platform=channel, target=desk.address, ip_refused=True)
        assert (await desk.post()).verdict is V.TARGET_GONE


@pytest.mark.parametrize("says", [None, "410100", "x5"])
async def test_dingtalks_penalty_is_waited_out(sim: Sim, says: str | None) -> None:
    async with Desk(sim, "dingtalk") as desk:
        await sim.control("targets", platform="dingtalk", target=desk.address, says=says)
        outcomes = [await desk.post() for _ in range(21)]
        assert [outcome.verdict for outcome in outcomes] == [V.SENT] * 20 + [V.THROTTLED]
        await sim.forward(outcomes[-1].wait_s or 0)
        assert (await desk.post()).verdict is V.SENT


@pytest.mark.parametrize("says", [None, "9499"])
async def test_feishus_limit_is_waited_out(sim: Sim, says: str | None) -> None:
    async with Desk(sim, "feishu") as desk:
        await sim.control("targets", platform="feishu", target=desk.address, says=says)
        outcomes = [await desk.post() for _ in range(12)]
        first = next(outcome for outcome in outcomes if outcome.verdict is not V.SENT)
        assert (first.verdict, first.wait_s) == (V.THROTTLED, 2)
        await sim.forward(2)
        assert (await desk.post()).verdict is V.SENT


async def test_feishus_chat_and_gateway_ask_to_wait_in_their_own_scope(sim: Sim) -> None:
    async with Desk(sim, "feishu_app") as desk:
        outcomes = [await desk.post(key=f"dlv_{number}") for number in range(12)]
        held = [outcome for outcome in outcomes if outcome.verdict is not V.SENT]
        assert {(one.verdict, one.scope, one.wait_s) for one in held} == {(V.THROTTLED, Scope.CHAT, 1)}
        await sim.control("faults", platform="feishu_app", kind="throttle", retry_after=52)
        await sim.forward(2)
        outcome = await desk.post(key="dlv_13")
        assert (outcome.verdict, outcome.scope, outcome.wait_s) == (V.THROTTLED, Scope.ACCOUNT, 52)


async def test_zulips_throttle_holds_the_whole_account(sim: Sim) -> None:
    for _ in range(200):
        await sim.http.post(
            "/api/v1/messages",
            data={"type": "stream", "to": "7", "topic": "x", "content": "hi"},
            auth=("bot@example.org", "zulip-key"),
        )
    outcome = await said(sim, "zulip")
    assert (outcome.verdict, outcome.scope) == (V.THROTTLED, Scope.ACCOUNT), outcome
    assert outcome.wait_s is not None
    assert 30 < outcome.wait_s <= 60


async def test_discords_limit_says_how_far_it_reaches(sim: Sim) -> None:
    """The same webhook, then its channel, then the whole address."""
    async with Desk(sim, "discord") as desk:
        for _ in range(5):
            assert (await desk.post()).verdict is V.SENT
        assert (await desk.post()).scope is Scope.CHAT
        hooks = [f"{sim.base}/api/webhooks/{number}/abc" for number in range(1000, 1200)]
        posts = [Post("k", "hi", T0, hook, {}, sim.base) for hook in hooks]
        outcomes = await asyncio.gather(*(desk.channel.post(post, desk.http) for post in posts))
    assert {outcome.verdict for outcome in outcomes} == {V.SENT, V.THROTTLED}
    assert {outcome.scope for outcome in outcomes if outcome.verdict is V.THROTTLED} == {Scope.PLATFORM}
