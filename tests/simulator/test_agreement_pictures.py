"""Pictures, as the real adapters send them and the practice platform judges them: each stands once, with its words."""

from dataclasses import replace
from typing import Any

import pytest

from app.channels.port import Picture, Pictures, Verdict
from app.channels.registry import channels
from tests.builders.images import MARK, PNG
from tests.simulator.conftest import Sim
from tests.simulator.talk import ADDRESS, CREDENTIAL, YES, Desk, platform_of

V = Verdict
PICTURED = [name for name in ADDRESS if isinstance(channels()[name], Pictures)]
TAKING = {"discord", "discord_bot", "feishu_app", "matrix", "mattermost_app", "slack_app", "telegram", "wecom", "zulip"}
LAYS = ["feishu_app", "matrix", "mattermost_app", "slack_app", "zulip"]
"""Where a picture has to lie before a message can show it."""
POSTER = Picture("pic_1", "image/png", "picture.png", PNG)


def words_for(channel: str) -> str:
    taker = channels()[channel]
    assert isinstance(taker, Pictures)
    return "集合" if taker.beside_picture else ""


async def _stand(sim: Sim) -> list[tuple[str, bool]]:
    return [(one["text"], one["picture"] == MARK) for one in await sim.receipts() if one["accepted"]]


def test_these_take_a_picture() -> None:
    assert set(PICTURED) == TAKING


@pytest.mark.parametrize("channel", PICTURED)
async def test_a_picture_stands_with_as_many_words_as_go_with_it(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        sent = await desk.post(words_for(channel), picture=POSTER)
        assert (sent.verdict, bool(sent.message_id)) == (YES[channel], channel != "wecom"), sent
        assert await _stand(sim) == [(words_for(channel), True)]


@pytest.mark.parametrize("channel", [name for name in PICTURED if words_for(name)])
async def test_a_picture_stands_alone_where_the_words_are_too_long(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        assert (await desk.post("", picture=POSTER)).verdict is YES[channel]
        assert await _stand(sim) == [("", True)]


@pytest.mark.parametrize("channel", [name for name in PICTURED if words_for(name)])
async def test_words_as_long_as_promised_go_with_a_picture(sim: Sim, channel: str) -> None:
    taker: Any = channels()[channel]
    words = "字" * taker.beside_picture
    async with Desk(sim, channel) as desk:
        calls = hasattr(taker, "calls_everyone")
        assert (await desk.post(words, picture=POSTER, mention_all=calls)).verdict is YES[channel]


@pytest.mark.parametrize("channel", sorted({*LAYS} - {"matrix"}))  # a homeserver keeps whatever it is given
async def test_where_a_picture_is_not_taken_nothing_is_posted(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        broken = await desk.post(words_for(channel), picture=replace(POSTER, content=b"GIF89a"))
        assert broken.verdict in {V.NOT_SENT, V.CONTENT_REFUSED}, broken
        assert await _stand(sim) == []


@pytest.mark.parametrize("channel", sorted(set(PICTURED) & set(CREDENTIAL)))
async def test_a_withdrawn_credential_posts_no_picture(sim: Sim, channel: str) -> None:
    await sim.control("targets", platform=platform_of(channel), credential=CREDENTIAL[channel], dead=True)
    async with Desk(sim, channel) as desk:
        refused = await desk.post(words_for(channel), picture=POSTER)
        assert refused.verdict is V.CREDENTIAL_REFUSED, refused


@pytest.mark.parametrize("channel", ["feishu_app", "matrix", "slack_app", "telegram", "zulip"])
async def test_a_picture_is_laid_once_for_all_chats_of_an_account(sim: Sim, channel: str) -> None:
    async with Desk(sim, channel) as desk:
        assert (await desk.post(words_for(channel), picture=POSTER)).verdict is V.SENT
        unseen = replace(POSTER, content=b"never sent again")
        assert (await desk.post(words_for(channel), key="dlv_2", picture=unseen)).verdict is V.SENT
        assert await _stand(sim) == [(words_for(channel), True)] * 2
