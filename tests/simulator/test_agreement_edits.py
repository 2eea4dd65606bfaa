"""What the real adapters and the practice platform agree on about new words in the place of old ones."""

from typing import Any

import pytest

from app.channels.port import Edits, Verdict
from app.channels.registry import channels
from tests.simulator.conftest import Sim
from tests.simulator.talk import ADDRESS, CREDENTIAL, TARGET, Desk, platform_of

V = Verdict
EDITING = [name for name in ADDRESS if isinstance(channels()[name], Edits)]


async def _edits(sim: Sim) -> list[Any]:
    return list((await sim.http.get("/_sim/changes")).json()["items"])


def test_these_can_edit() -> None:
    assert set(EDITING) == {
        *("discord", "discord_bot", "feishu_app", "matrix", "mattermost_app", "slack_app", "telegram", "zulip"),
    }


@pytest.mark.parametrize("channel", EDITING)
async def test_new_words_stand_in_the_place_of_the_old_ones_and_are_safe_to_repeat(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        sent = await desk.post("集合")
        answers = [(await desk.edit(sent.message_id, "解散 & <b> @everyone")).verdict for _ in range(2)]
        assert answers == [V.SENT, V.SENT]
        assert (await desk.recall(sent.message_id)).verdict is V.SENT
    changes = await _edits(sim)
    assert {one["target"] for one in changes} == {TARGET[channel]}
    assert {one["message"] for one in changes} == {sent.message_id}
    assert changes[0]["what"] == "edited"
    assert "解散" in changes[0]["text"]


@pytest.mark.parametrize("channel", sorted(set(EDITING) - {"matrix"}))
async def test_a_message_that_is_gone_is_never_called_edited(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        sent = await desk.post()
        assert (await desk.recall(sent.message_id)).verdict is V.SENT
        assert (await desk.edit(sent.message_id, "解散")).verdict is V.CONTENT_REFUSED


@pytest.mark.parametrize("channel", sorted(set(EDITING) & set(CREDENTIAL)))
async def test_a_withdrawn_credential_edits_nothing(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        sent = await desk.post()
        await sim.control("targets", platform=platform_of(channel), credential=CREDENTIAL[channel], dead=True)
        assert (await desk.edit(sent.message_id, "解散")).verdict is V.CREDENTIAL_REFUSED
    assert await _edits(sim) == []


async def test_feishu_takes_new_words_20_times_and_never_those_of_another_kind(sim: Sim) -> None:
    async with Desk(sim, "feishu_app") as desk:
        sent = await desk.post("集合")
        assert (await desk.edit(sent.message_id, "x", marked="**x**")).code == "230054"
        answers = [(await desk.edit(sent.message_id, f"第 {number} 次")).code for number in range(21)]
        assert answers == ["0"] * 20 + ["230072"]
        card = await desk.post("x", key="dlv_2", marked="**x**")
        answers = [(await desk.edit(card.message_id, "y", marked=f"**{number}**")).code for number in range(21)]
        assert answers == ["0"] * 21
        assert (await desk.edit(card.message_id, "y")).code == "230054"
    assert (await _edits(sim))[-1]["text"] == "**20**"
