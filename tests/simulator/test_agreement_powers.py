"""What else the real adapters and the practice platform agree on: taking back, and asking after a credential."""

import pytest

from app.channels.port import Checks, Recalls, Verdict
from app.channels.registry import channels
from tests.simulator.conftest import Sim
from tests.simulator.talk import ADDRESS, CREDENTIAL, TARGET, YES, Desk, platform_of, said

V = Verdict
RECALLING = [name for name in ADDRESS if isinstance(channels()[name], Recalls)]
CHECKING = [name for name in ADDRESS if isinstance(channels()[name], Checks)]
CLOSED = {
    "discord": ("unknown", {V.TARGET_GONE}),
    "discord_bot": ("unknown", {V.TARGET_GONE}),
    "mattermost_app": ("deleted", {V.AMBIGUOUS, V.CONTENT_REFUSED}),
    "slack_app": ("unknown", {V.TARGET_GONE}),
    "zulip": ("deleted", {V.AMBIGUOUS, V.CONTENT_REFUSED}),
}


async def _withdraw(sim: Sim, channel: str) -> None:
    await sim.control("targets", platform=platform_of(channel), credential=CREDENTIAL[channel], dead=True)


def test_those_with_an_account_have_both_powers() -> None:
    assert set(CREDENTIAL) == set(CHECKING)
    assert set(RECALLING) == {*CREDENTIAL, "discord"}  # its webhook holds its own credential


@pytest.mark.parametrize("channel", RECALLING)
async def test_what_was_said_is_taken_back_and_stays_so(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        sent = await desk.post()
        assert sent.message_id
        assert [(await desk.recall(sent.message_id)).verdict for _ in range(2)] == [V.SENT, V.SENT]


@pytest.mark.parametrize("channel", CLOSED)
async def test_a_message_in_a_closed_chat_is_never_called_taken_back(sim: Sim, channel: str) -> None:
    state, verdicts = CLOSED[channel]
    target = TARGET[channel].partition(":")[0]
    async with Desk(sim, channel) as desk:
        sent = await desk.post()
        await sim.control("targets", platform=platform_of(channel), target=target, state=state)
        assert (await desk.recall(sent.message_id)).verdict in verdicts


@pytest.mark.parametrize("channel", ["slack_app", "discord", "discord_bot"])
async def test_what_was_taken_back_is_unknown_once_its_chat_is(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        sent = await desk.post()
        assert (await desk.recall(sent.message_id)).verdict is V.SENT
        await sim.control("targets", platform=platform_of(channel), target=TARGET[channel], state="unknown")
        assert (await desk.recall(sent.message_id)).verdict is V.TARGET_GONE


@pytest.mark.parametrize("channel", CREDENTIAL)
async def test_a_withdrawn_credential_takes_nothing_back(sim: Sim, channel: str) -> None:
    sent = await said(sim, channel)
    await _withdraw(sim, channel)
    async with Desk(sim, channel) as desk:
        assert (await desk.recall(sent.message_id)).verdict is V.CREDENTIAL_REFUSED


@pytest.mark.parametrize("channel", ["feishu_app", "wecom_app"])
async def test_a_message_is_taken_back_while_it_is_young(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        first, second = [(await desk.post(key=f"dlv_{number}")).message_id for number in range(2)]
        assert (await desk.recall(first)).verdict is V.SENT
        assert (await desk.recall(first)).verdict is V.SENT, "it stands no more"
        assert (await desk.recall("om_unknown")).verdict is V.CONTENT_REFUSED
        await sim.forward(25 * 3600)
        assert (await desk.recall(second)).verdict is V.CONTENT_REFUSED


async def test_telegram_takes_back_for_two_days(sim: Sim) -> None:
    async with Desk(sim, "telegram") as desk:
        sent = await desk.post()
        await sim.forward(49 * 3600)
        late = await desk.recall(sent.message_id)
        assert (late.verdict, late.code) == (V.CONTENT_REFUSED, "400")
        await _withdraw(sim, "telegram")
        assert (await desk.recall(sent.message_id)).verdict is V.CREDENTIAL_REFUSED


async def test_a_message_to_a_person_is_taken_back_from_the_conversation(sim: Sim) -> None:
    async with Desk(sim, "slack_app", address="U024BE7LH") as desk:
        sent = await desk.post()
        assert str(sent.message_id).startswith("D024BE7LH:")
        first, again = [await desk.recall(sent.message_id) for _ in range(2)]
    assert (first.code, again.code) == ("ok", "message_not_found")


@pytest.mark.parametrize("channel", CHECKING)
async def test_a_credential_is_asked_after_without_a_word_in_any_chat(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        assert (await desk.check()).works is True
        await _withdraw(sim, channel)
        assert (await desk.check()).works is False
    assert await sim.receipts() == []


async def test_what_is_no_token_does_not_work(sim: Sim) -> None:
    async with Desk(sim, "telegram", bot_token="not a token") as desk:
        assert (await desk.check()).works is False
    assert await sim.receipts() == []


@pytest.mark.parametrize("channel", ["feishu_app", "wecom_app"])
async def test_a_token_that_ended_is_renewed_for_the_next_try(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        await desk.post()
        await sim.forward(8000)
        assert (await desk.post(key="dlv_2")).verdict is V.NOT_SENT
        assert (await desk.post(key="dlv_2")).verdict is YES[channel]
    assert [receipt["accepted"] for receipt in await sim.receipts()] == [True, True]
