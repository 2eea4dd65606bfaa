"""A Markdown text as every platform takes it: in its own dialect, with a body of its own where it needs one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.channels.adapters.feishu_app import FeishuApp
from app.channels.markup import Shown, most, shown
from app.channels.port import Outcome, Post
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.lending import InHand
from tests.channels.platform import answer, platform
from tests.simulator.conftest import Sim
from tests.simulator.talk import ADDRESS, SECRET, YES, Desk

SOURCE = "# Note\n**Now** <!channel> @everyone <@all> `x` [site](https://a.example/@b)\n- one\n- two"


async def _post(desk: Desk, *, mention_all: bool = False) -> tuple[Outcome, Shown]:
    seen = shown(desk.channel, SOURCE)
    post = Post(
        "dlv_1", seen.text, datetime.now(UTC), desk.address, desk.secret, desk.base, mention_all, marked=seen.marked
    )
    return await desk.channel.post(post, desk.http), seen


@pytest.mark.parametrize("mention_all", [False, True])
@pytest.mark.parametrize("channel", ADDRESS)
async def test_it_is_taken(sim: Sim, channel: str, mention_all: bool) -> None:
    async with Desk(sim, channel) as desk:
        outcome, seen = await _post(desk, mention_all=mention_all)
        assert outcome.verdict is YES[channel], outcome
        assert seen.measured <= most(desk.channel).most
    [standing] = await sim.receipts()
    assert standing["accepted"]
    if channel.startswith(("slack", "discord")):
        assert standing["answer"].endswith("nobody") is not mention_all


async def _body(name: str, *, mention_all: bool = False) -> Any:
    """What an adapter sends for the source."""
    async with platform(answer(200, {}, b"{}")) as there:
        channel, http = channels()[name], HttpClient(Guard(there.hosts))
        address = ADDRESS[name].replace("{base}", there.base)
        seen = shown(channel, "**Hi** <b>\n[x](https://a.b)")
        post = Post(
            "k", seen.text, datetime.now(UTC), address, SECRET.get(name, {}), there.base, mention_all, seen.marked
        )
        await channel.post(post, http)
        await http.close()
        return json.loads(there.heard[-1].body)


async def test_telegram_is_told_that_it_is_html() -> None:
    body = await _body("telegram")
    assert (body["text"], body["parse_mode"]) == ('<b>Hi</b> &lt;b&gt;\n<a href="https://a.b">x</a>', "HTML")


async def test_dingtalk_and_wecom_have_a_kind_of_message_for_it() -> None:
    ding = await _body("dingtalk", mention_all=True)
    assert (ding["msgtype"], ding["markdown"]["title"], ding["at"]) == ("markdown", "Hi <b>", {"isAtAll": True})
    assert ding["markdown"]["text"].startswith("**Hi** ")
    wecom = await _body("wecom")
    assert wecom["msgtype"] == "markdown"
    assert wecom["markdown"]["content"].endswith("\n[x](https://a.b)")


async def test_wecom_calls_everyone_by_a_text_alone() -> None:
    text = {"content": "Hi <b>\nx (https://a.b)", "mentioned_list": ["@all"]}
    assert await _body("wecom", mention_all=True) == {"msgtype": "text", "text": text}


@pytest.mark.parametrize(("mention_all", "call"), [(False, ""), (True, "<at id=all></at>\n")])
async def test_feishu_needs_a_card(mention_all: bool, call: str) -> None:
    content = f"{call}**Hi** &#60;b&#62;\n[x](https://a.b)"
    card = {"elements": [{"tag": "markdown", "content": content}]}
    assert await _body("feishu", mention_all=mention_all) == {"msg_type": "interactive", "card": card}


@pytest.mark.parametrize(("address", "call"), [("oc_practice", "<at id=all></at>\n"), ("ou_practice", "")])
async def test_a_feishu_app_sends_a_card_that_is_the_same_for_all(address: str, call: str) -> None:
    async with platform(answer(200, {}, b"{}")) as there:
        http, channel = HttpClient(Guard(there.hosts)), FeishuApp(InHand())
        marked = shown(channel, "**Hi** <at id=all>").marked
        post = Post("k", "Hi", datetime.now(UTC), address, SECRET["feishu_app"], there.base, True, marked)
        await channel.post(post, http)
        await http.close()
    body = there.heard[0].json
    element = {"tag": "markdown", "content": f"{call}**Hi** &#60;at id=all&#62;"}
    assert body["msg_type"] == "interactive"
    assert json.loads(str(body["content"])) == {"config": {"update_multi": True}, "elements": [element]}


@pytest.mark.parametrize(("mention_all", "call"), [(False, ""), (True, "<p>@room</p>")])
async def test_matrix_gets_the_words_twice(mention_all: bool, call: str) -> None:
    body = await _body("matrix", mention_all=mention_all)
    assert body["body"].endswith("Hi <b>\nx (https://a.b)")
    assert body["format"] == "org.matrix.custom.html"
    assert body["formatted_body"] == f'{call}<p><strong>Hi</strong> &lt;b&gt;<br><a href="https://a.b">x</a></p>'
    assert body["m.mentions"] == ({"room": True} if mention_all else {})
