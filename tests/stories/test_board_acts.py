"""The head's pages after a launch: what failed is posted once more, what stands is taken back or corrected, a second
person agrees; each page says beforehand what becomes of how many groups."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.domain.access.states import Role
from tests.builders.board import Operator, key_of
from tests.world import World

OLD, NEW = "Please stay indoors until 18:00.", "Please stay indoors until 20:00."


@pytest.fixture
async def posted(world: World) -> World:
    """A center with two Telegram groups, a WeCom robot, which can edit and take back nothing, and a group of Wang's."""
    await world.account("bot")
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(2)),
        {"group": "R", "platform": "wecom", "address": world.wecom("robot-0001")},
        {"group": "W", "leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"},
    )
    return world


async def desk(world: World, role: Role = Role.OWNER, name: str = "second") -> Operator:
    center = (await world.call("GET", "/center"))["id"]
    transport = world.api._transport
    found = Operator(httpx.AsyncClient(transport=transport, base_url="http://muster.test"))
    await found.sign_in(await key_of(world.kit.db, center, role, name))
    return found


@pytest.fixture
async def head(posted: World) -> AsyncIterator[Operator]:
    found = await desk(posted)
    yield found
    await found.client.aclose()


async def _relayed(world: World, **body: Any) -> str:
    campaign = await world.launch(**body)
    await world.forward(seconds=5, step=1)
    await world.presses(await world.link("5001"), "done", (await world.relays(campaign))["W"]["id"])
    return campaign


async def test_what_failed_is_counted_and_posted_once_more(posted: World, head: Operator) -> None:
    robot = {"platform": "wecom", "target": "robot-0001"}
    await posted.sim.post("/_sim/targets", json={**robot, "state": "kicked"})
    campaign = await posted.launch()
    await posted.forward(seconds=5, step=1)
    assert (await posted.relays(campaign))["R"]["state"] == "failed"
    assert "没收到的 2 个群" in await head.page(f"/campaigns/{campaign}/correct")
    await posted.sim.post("/_sim/targets", json={**robot, "state": "ok"})
    assert "/ask/retry" in await head.page(f"/campaigns/{campaign}")
    assert "1 个没发成的群会再发一次，各有 60 分钟" in await head.page(f"/campaigns/{campaign}/ask/retry")
    answer = await head.press(f"/campaigns/{campaign}/retry")
    assert answer.headers["location"].endswith("?said=retried")
    await posted.forward(seconds=5, step=1)
    assert await posted.posts(OLD) == ["-1000", "-1001", "robot-0001"]
    assert "/ask/retry" not in await head.page(f"/campaigns/{campaign}")


async def test_a_recall_says_where_it_can_and_a_finished_campaign_stays_finished(posted: World, head: Operator) -> None:
    campaign = await _relayed(posted)
    asked = await head.page(f"/campaigns/{campaign}/ask/recall")
    for words in (
        "它现在在 4 个群里",
        "Telegram 群 2 个：由账号删除",
        "企业微信群 1 个：平台不让撤回",
        "由人转发的 1 个群",
    ):
        assert words in asked, re.findall("<bdi>(.*?)<", asked)
    await head.press(f"/campaigns/{campaign}/recall")
    await posted.forward(seconds=30, step=5)
    assert sorted(await posted.changes()) == [("taken_back", "-1000", ""), ("taken_back", "-1001", "")]
    seen = await posted.campaign(campaign)
    assert (seen["status"], seen["control"], seen["recall"]["counts"]["done"]) == ("finished", "cancelled", 2)
    board = await head.page(f"/campaigns/{campaign}")
    assert "已要求撤回：2 个已撤回，1 个已请负责人删除，0 个进行中，1 个撤不回" in board
    assert "<strong>已完成</strong>" in board
    assert "已完成" in await head.page("/campaigns")
    [line] = (await posted.call("GET", "/campaigns"))["items"]
    assert (line["status"], line["state"]) == ("finished", "cancelled")


async def test_what_a_cancellation_called_off_reads_cancelled(posted: World, head: Operator) -> None:
    campaign = await posted.launch()
    told = await posted.call("POST", f"/campaigns/{campaign}/pause")
    assert (told["status"], told["groups"], told["counts"]["assigned"]) == ("paused", 4, 1)
    await posted.call("POST", f"/campaigns/{campaign}/cancel")
    await posted.forward(seconds=5, step=1)
    seen = await posted.campaign(campaign)
    assert (seen["status"], seen["counts"]["cancelled"]) == ("cancelled", 1)
    assert "已取消" in await head.page("/campaigns")


async def test_one_group_is_taken_back_from_its_own_page(posted: World, head: Operator) -> None:
    campaign = await _relayed(posted)
    relay = (await posted.relays(campaign))["T0"]["id"]
    assert "只在这个群撤回" in await head.page(f"/relays/{relay}/act")
    await head.press(f"/relays/{relay}/recall")
    await posted.forward(seconds=30, step=5)
    assert await posted.changes() == [("taken_back", "-1000", "")]
    assert (await posted.campaign(campaign))["control"] == "running"


async def test_who_is_not_to_post_it_any_more_is_not_offered(posted: World, head: Operator) -> None:
    campaign = await posted.launch()
    await posted.forward(minutes=62)
    missed = (await posted.relays(campaign))["W"]
    acts = f"/relays/{missed['id']}/act"
    offered = [f'action="/relays/{missed["id"]}/{verb}"' for verb in ("nudge", "hand-over", "post")]
    page = await head.page(acts)
    assert [act for act in offered if act not in page] == []
    body = {"groups": [missed["group_id"]]}
    await posted.call("POST", f"/campaigns/{campaign}/recall", status=202, json=body)
    page = await head.page(acts)
    assert [act for act in offered if act in page] == []
    assert f'action="/relays/{missed["id"]}/done"' in page


async def test_a_correction_shows_what_is_edited_and_what_follows_and_goes_once(posted: World, head: Operator) -> None:
    first = await _relayed(posted)
    page = await head.page(f"/campaigns/{first}/correct")
    assert OLD in page
    for words in ("Telegram 群 2 个：原消息直接改成新内容", "企业微信群 1 个：另发一条更正", "由人转发的 1 个群"):
        assert words in page, words
    here = f"/campaigns/{first}/correct"
    form = {"key": "once", "title": "更正", "body": NEW, "minutes": "60", "mode": "follow_up"}
    again = (await head.press(f"{here}/preview", **form)).text
    assert "Telegram 群 2 个：另发一条更正" in again
    assert NEW in again
    empty = await head.press(here, **{**form, "body": "", "mode": "pigeon"})
    assert (empty.status_code, 'id="wrong-body"' in empty.text, 'id="wrong-mode"' in empty.text) == (422, True, True)
    answers = [await head.press(here, **{**form, "mode": "auto"}) for _ in range(2)]
    assert [one.headers["location"].endswith("said=corrected") for one in answers] == [True, True]
    await posted.forward(seconds=30, step=5)
    assert sorted(await posted.changes()) == [("edited", "-1000", NEW), ("edited", "-1001", NEW)]
    assert await posted.posts(NEW) == ["robot-0001"]
    assert "已被另一个任务更正" in await head.page(f"/campaigns/{first}")
    assert (await posted.campaign(first))["status"] == "finished"
    other = await head.press(here, **{**form, "key": "other"})
    assert (other.status_code, "请去更正那一个" in other.text, NEW in other.text) == (422, True, True)


async def test_what_a_correction_that_was_called_off_left_is_counted_anew(posted: World, head: Operator) -> None:
    first = await posted.launch()
    form = {"key": "slip", "title": "更正", "body": "A slip.", "minutes": "60", "mode": "auto"}
    await head.press(f"/campaigns/{first}/correct", **form)
    [slip, _] = (await posted.call("GET", "/campaigns"))["items"]
    await posted.call("POST", f"/campaigns/{slip['id']}/cancel")
    await posted.forward(seconds=5)
    assert "/correct" in await head.page(f"/campaigns/{first}")
    page = await head.page(f"/campaigns/{first}/correct")
    for words in ("Telegram 群 2 个：原消息直接改成新内容", "没收到的 1 个群", "发出更正（4 个群）"):
        assert words in page, words


async def test_the_second_person_sees_the_words_and_agrees_to_those_alone(posted: World, head: Operator) -> None:
    campaign = await posted.launch(approval=True, mention_all=True)
    here = f"/campaigns/{campaign}"
    author = await desk(posted, Role.OPERATOR, "clerk")
    assert "等有审批权限的人同意" in await author.page(f"{here}/preflight")
    page = await head.page(f"{here}/preflight")
    assert (OLD in page, "会@所有人" in page, f"{here}/approve" in page) == (True, True, True)
    assert "等待审批" in await head.page("/")
    sealed = (await posted.campaign(campaign))["approval"]["fingerprint"]
    stale = await head.press(f"{here}/approve", groups="4", fingerprint="0" * 64)
    assert (stale.status_code, "请重新看一遍" in stale.text) == (409, True)
    assert "数字不对" in (await head.press(f"{here}/approve", groups="3", fingerprint=sealed)).text
    assert (await author.press(f"{here}/approve", groups="4", fingerprint=sealed)).status_code == 403
    await head.press(f"{here}/approve", groups="4", fingerprint=sealed)
    await posted.forward(seconds=5)
    assert await posted.posts(OLD) == ["-1000", "-1001", "robot-0001"]
    await author.client.aclose()


async def test_what_is_sent_back_says_why_on_its_board_and_his_own_nobody_approves(
    posted: World, head: Operator
) -> None:
    campaign = await posted.launch(approval=True)
    here = f"/campaigns/{campaign}"
    assert (await head.press(f"{here}/reject", reason=" ")).status_code == 422
    await head.press(f"{here}/reject", reason="时间写错了")
    assert "已被退回：时间写错了" in await head.page(here)
    mine = await desk(posted, Role.OWNER, "head")
    await posted.call("POST", f"{here}/launch", status=202)
    assert "起草人自己不能审批" in await mine.page(f"{here}/preflight")
    await mine.client.aclose()
