"""The real adapters and the practice platform understand each other, though they share no line of code."""

import pytest

from app.channels.port import Verdict
from app.channels.registry import channels
from tests.simulator.conftest import Sim
from tests.simulator.talk import ADDRESS, BACKS_OFF, TARGET, YES, platform_of, said

V = Verdict
OWN_LINES = {"email", "apprise"}  # they speak no practice protocol
ASKS = {"wecom_customers"}  # it posts nothing: test_wecom_customers tells how they agree
KEYED = [name for name in ADDRESS if channels()[name].keyed]
TOO_LONG = {
    "dingtalk": 7000,
    "discord": 5000,
    "discord_bot": 5000,
    "feishu": 7000,
    "feishu_app": 60_000,
    "googlechat": 10_700,
    "matrix": 22_000,
    "mattermost_app": 16_384,
    "slack_app": 40_001,
    "teams": 10_000,
    "telegram": 5000,
    "wecom": 5000,
    "wecom_app": 7000,
}
CALLS = "<!channel> <!here> <@U024BE7LH> @everyone @here <@42> <@&42> &lt;!channel&gt; & <b>"


def test_every_channel_meets_its_platform() -> None:
    assert set(ADDRESS) == set(channels()) - OWN_LINES - ASKS


@pytest.mark.parametrize("channel", ADDRESS)
@pytest.mark.parametrize(
    ("kind", "verdicts"),
    [
        (None, set()),
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
    assert outcome.verdict in (verdicts or {YES[channel]}), outcome
    if outcome.verdict is V.THROTTLED:
        assert outcome.wait_s == BACKS_OFF.get(channel, 9)


@pytest.mark.parametrize("channel", ADDRESS)
@pytest.mark.parametrize("kind", ["slow", "drip", "half_answer"])
async def test_an_answer_that_is_late_or_half_is_understood(sim: Sim, channel: str, kind: str) -> None:
    await sim.control("faults", platform=platform_of(channel), kind=kind, delay_s=0.1)
    outcome = await said(sim, channel)
    whole = {YES[channel]}  # the webhook's and Teams' status is the whole answer
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


async def test_a_member_without_a_licence_gets_nothing_behind_an_ok(sim: Sim) -> None:
    await sim.control("targets", platform="wecom_app", target="wangfang", state="blocked")
    outcome = await said(sim, "wecom_app")
    assert (outcome.verdict, outcome.code) == (V.TARGET_GONE, "unlicenseduser")


@pytest.mark.parametrize("channel", TOO_LONG)
async def test_a_text_that_is_too_long_is_refused_as_such(sim: Sim, channel: str) -> None:
    assert (await said(sim, channel, "字" * TOO_LONG[channel])).verdict is V.CONTENT_REFUSED


@pytest.mark.parametrize("channel", KEYED)
async def test_repeating_a_key_posts_once(sim: Sim, channel: str) -> None:
    await sim.control("faults", platform=platform_of(channel), kind="drop_after_accept")
    assert (await said(sim, channel)).verdict is V.AMBIGUOUS
    assert (await said(sim, channel)).verdict is V.SENT
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]


async def test_mattermost_remembers_a_key_for_half_a_minute(sim: Sim) -> None:
    first, again = await said(sim, "mattermost_app"), await said(sim, "mattermost_app")
    await sim.forward(31)
    late = await said(sim, "mattermost_app")
    assert first.message_id == again.message_id != late.message_id
    assert [(one["accepted"], one["duplicate"]) for one in await sim.receipts()] == [
        (True, False),
        (False, True),
        (True, False),
    ]


@pytest.mark.parametrize("channel", ADDRESS)
async def test_everyone_is_called_only_where_that_can_be_said(sim: Sim, channel: str) -> None:
    assert (await said(sim, channel, "@all <@all> 集合", mention_all=True)).verdict is YES[channel]


@pytest.mark.parametrize("channel", ["slack", "slack_app", "discord", "discord_bot"])
async def test_only_the_wish_to_call_everyone_calls_anyone(sim: Sim, channel: str) -> None:
    assert (await said(sim, channel, CALLS)).verdict is V.SENT
    await sim.forward(10)
    assert (await said(sim, channel, CALLS, key="dlv_2", mention_all=True)).verdict is V.SENT
    plain, loud = await sim.receipts()
    assert plain["text"] == CALLS
    assert plain["answer"].endswith("called nobody")
    assert loud["text"].endswith(f"\n{CALLS}")
    assert loud["answer"].endswith(("called everyone", "called someone"))
