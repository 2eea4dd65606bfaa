"""Taking back and asking after a credential: the real adapters and the practice platform understand each other."""

import pytest

from app.channels.port import Checked, Checks, Credential, Outcome, Posted, Recalls, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from tests.conftest import T0
from tests.simulator.conftest import Sim
from tests.simulator.test_agreement import ADDRESS, SECRET, TARGET, platform_of, said

V = Verdict
RECALLING = [name for name, channel in channels().items() if isinstance(channel, Recalls)]
CHECKING = [name for name, channel in channels().items() if isinstance(channel, Checks)]
CREDENTIAL = {"mattermost_app": "mm-token", "zulip": "bot@example.org:zulip-key"}


async def _recall(sim: Sim, channel: str, message_id: str | None) -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    found = channels()[channel]
    assert isinstance(found, Recalls)
    try:
        return await found.recall(Posted(message_id or "", T0, ADDRESS[channel], SECRET, sim.base), http)
    finally:
        await http.close()


async def _check(sim: Sim, channel: str) -> Checked:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    found = channels()[channel]
    assert isinstance(found, Checks)
    try:
        return await found.check(Credential(T0, SECRET, sim.base), http)
    finally:
        await http.close()


async def _withdraw(sim: Sim, channel: str) -> None:
    await sim.control("targets", platform=platform_of(channel), credential=CREDENTIAL[channel], dead=True)


def test_those_with_an_account_have_both_powers() -> None:
    assert set(CREDENTIAL) <= set(RECALLING) & set(CHECKING)


@pytest.mark.parametrize("channel", CREDENTIAL)
async def test_what_was_said_is_taken_back_and_stays_so(sim: Sim, channel: str) -> None:
    sent = await said(sim, channel)
    assert sent.message_id
    for _ in range(2):
        assert (await _recall(sim, channel, sent.message_id)).verdict is V.SENT


@pytest.mark.parametrize("channel", CREDENTIAL)
async def test_a_message_in_a_closed_chat_is_never_called_taken_back(sim: Sim, channel: str) -> None:
    sent = await said(sim, channel)
    await sim.control(
        "targets", platform=platform_of(channel), target=TARGET[channel].partition(":")[0], state="deleted"
    )
    assert (await _recall(sim, channel, sent.message_id)).verdict in {V.AMBIGUOUS, V.CONTENT_REFUSED}


@pytest.mark.parametrize("channel", CREDENTIAL)
async def test_a_withdrawn_credential_takes_nothing_back(sim: Sim, channel: str) -> None:
    sent = await said(sim, channel)
    await _withdraw(sim, channel)
    assert (await _recall(sim, channel, sent.message_id)).verdict is V.CREDENTIAL_REFUSED


@pytest.mark.parametrize("channel", CREDENTIAL)
async def test_a_credential_is_asked_after_without_a_word_in_any_chat(sim: Sim, channel: str) -> None:
    assert (await _check(sim, channel)).works is True
    await _withdraw(sim, channel)
    assert (await _check(sim, channel)).works is False
    assert await sim.receipts() == []


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
