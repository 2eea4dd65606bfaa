"""WeCom's customer mass send: every row of its fact sheet, and that a task which exists is never taken for a message
that stands."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.channels.adapters.wecom_customers import WeComCustomers
from app.channels.port import Credential, Outcome, Post, Scope, Verdict
from app.channels.tasks import Fate, Lost
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench, as_expected
from tests.channels.lending import TOKEN, InHand
from tests.channels.platform import Act, Platform, answer, platform
from tests.channels.test_wecom_app import REFUSED
from tests.conftest import T0

V = Verdict
SECRET = {"corp_id": "ww_practice_corp", "corp_secret": CANARY}
CHATS = ("wrOne_1", "wrTwo-2")
TASK = Post("k", "集合：周六 9 点 🎉", T0, "WangFang", SECRET, chats=CHATS)
OK = '{"errcode":0,"errmsg":"ok"}'


def _yes(**changes: object) -> str:
    return json.dumps({"errcode": 0, "errmsg": "ok", "fail_list": [], "msgid": "m1", **changes})


def _code(code: int, verdict: Verdict = V.CONTENT_REFUSED) -> Answer:
    return Answer(f"errcode {code}", 200, json.dumps({"errcode": code, "errmsg": f"x {TOKEN}"}), verdict)


ANSWERS = (
    Answer("asked", 200, _yes(), V.HANDED_OVER, message_id="m1"),
    Answer("asked, for one of them", 200, _yes(fail_list=["wrTwo-2"]), V.HANDED_OVER, message_id="m1"),
    Answer("asked for none of them", 200, _yes(fail_list=["wrTwo-2", "wrOne_1"]), V.TARGET_GONE),
    Answer("asked, and nothing to ask after it by", 200, OK, V.AMBIGUOUS),
    Answer("asked, by a number", 200, _yes(msgid=7), V.AMBIGUOUS),
    Answer("asked, failures in no list", 200, _yes(fail_list="wrTwo-2"), V.HANDED_OVER, message_id="m1"),
    _code(40003, V.TARGET_GONE),
    *(_code(code) for code in (40033, 40058, 44004, 45002)),
    *REFUSED,
)

BENCH = Bench(WeComCustomers(InHand()), "WangFang", SECRET, ANSWERS, ANSWERS[0], chats=CHATS)

Ask = Callable[[WeComCustomers, Credential, HttpClient], Coroutine[None, None, Any]]


async def _ask(act: Act, ask: Ask) -> tuple[Any, Platform]:
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        try:
            found = await ask(WeComCustomers(InHand()), Credential(T0, SECRET, there.base), http)
        finally:
            await http.close()
    assert CANARY not in repr(found)
    return found, there


def _results(*rows: object, **more: object) -> Act:
    body = {"errcode": 0, "errmsg": "ok", "next_cursor": "", "send_list": rows, "task_list": rows, **more}
    return answer(200, {}, json.dumps(body).encode())


async def _give(act: Act, post: Post = TASK) -> tuple[Outcome, Platform]:
    return await _ask(act, lambda way, by, http: way.post(replace(post, base_url=by.base_url), http))


@pytest.mark.parametrize("row", ANSWERS, ids=str)
async def test_an_answer_to_a_task_is_understood(row: Answer) -> None:
    outcome, there = await _give(row.act)
    assert as_expected(outcome, row)
    assert len(there.heard) == 1
    assert outcome.left_out == ({"wrTwo-2"} if row.name == "asked, for one of them" else set())
    assert "posted" not in outcome.detail or row.verdict is not V.AMBIGUOUS


async def test_one_owner_is_asked_for_all_his_groups() -> None:
    _, there = await _give(ANSWERS[0].act)
    (heard,) = there.heard
    assert heard.path == f"/cgi-bin/externalcontact/add_msg_template?access_token={TOKEN}"
    assert heard.json == {
        "chat_type": "group",
        "sender": "WangFang",
        "chat_id_list": ["wrOne_1", "wrTwo-2"],
        "allow_select": False,
        "text": {"content": "集合：周六 9 点 🎉"},
    }


@pytest.mark.parametrize(
    ("post", "verdict"),
    [
        (replace(TASK, address=""), V.TARGET_GONE),
        (replace(TASK, address="a|b"), V.TARGET_GONE),
        (replace(TASK, chats=()), V.CONTENT_REFUSED),
        (replace(TASK, chats=("oc_1",)), V.CONTENT_REFUSED),
        (replace(TASK, chats=("wr1",) * 2001), V.CONTENT_REFUSED),
        (replace(TASK, text="字" * 1334), V.CONTENT_REFUSED),
    ],
)
async def test_what_wecom_would_refuse_is_not_asked(post: Post, verdict: Verdict) -> None:
    outcome, there = await _give(ANSWERS[0].act, post)
    assert outcome.verdict is verdict
    assert there.connections == 0
    fits = replace(TASK, text="字" * 1333 + "x", chats=tuple(f"wr{number}" for number in range(2000)))
    outcome, _ = await _give(ANSWERS[0].act, fits)
    assert outcome.verdict is V.HANDED_OVER


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (0, Fate.WAITING),
        (1, Fate.STANDS),
        (2, Fate.FAILED),
        (3, Fate.FAILED),
        (4, Fate.UNKNOWN),
        (True, Fate.UNKNOWN),
        ("1", Fate.UNKNOWN),
        (None, Fate.UNKNOWN),
    ],
)
async def test_only_status_one_stands(status: object, fate: Fate) -> None:
    row = {"chat_id": "wrOne_1", "userid": "WangFang", "status": status, "send_time": 1700000000}
    fates, there = await _ask(_results(row, "no row", {}), lambda way, by, http: way.fates("m1", "WangFang", by, http))
    assert {chat: fared.fate for chat, fared in fates.items()} == {"wrOne_1": fate}
    assert fates["wrOne_1"].at == (datetime.fromtimestamp(1700000000, UTC) if fate is Fate.STANDS else None)
    assert fates["wrOne_1"].detail
    assert there.heard[0].json == {"msgid": "m1", "userid": "WangFang", "limit": 100, "cursor": ""}


@pytest.mark.parametrize(
    "act",
    [
        _results(next_cursor="more"),  # without an end
        _results(next_cursor=7),
        _results(send_list=None),
        answer(200, {}, OK.encode()),
        answer(200, {}, b"<html>"),
        answer(502, {}, b""),
    ],
)
async def test_half_a_list_tells_nothing(act: Act) -> None:
    found, _ = await _ask(act, lambda way, by, http: way.fates("m1", "WangFang", by, http))
    assert isinstance(found, Outcome)
    assert found.verdict is V.AMBIGUOUS
    assert "task" in found.detail


@pytest.mark.parametrize("act", ["remind", "cancel"])
@pytest.mark.parametrize("row", [Answer("yes", 200, OK, V.SENT), _code(40058), *REFUSED], ids=str)
async def test_a_reminder_and_a_cancellation_are_understood(act: str, row: Answer) -> None:
    outcome, there = await _ask(row.act, lambda way, by, http: getattr(way, act)("m1", by, http))
    assert as_expected(outcome, row)
    assert there.heard[0].path.startswith(f"/cgi-bin/externalcontact/{act}_groupmsg_send?")
    assert there.heard[0].json == {"msgid": "m1"}
    assert "posted" not in outcome.detail or row.verdict is not V.AMBIGUOUS


async def test_a_limit_of_the_interface_is_the_companys() -> None:
    row = next(row for row in REFUSED if row.verdict is V.THROTTLED)
    outcome, _ = await _give(row.act)
    assert outcome.scope is Scope.ACCOUNT


def _listing(*texts: str, chats: tuple[str, ...] = CHATS) -> Act:
    """A list of tasks with these words, whose chats are all these."""
    rows = [{"msgid": f"m{number}", "create_time": 1, "text": {"content": text}} for number, text in enumerate(texts)]
    told = [{"chat_id": chat, "userid": "WangFang", "status": 0} for chat in chats]
    return _results(*told, group_msg_list=[*rows, "no row", {"msgid": 7}, {"text": {"content": TASK.text}}])


@pytest.mark.parametrize(
    ("act", "besides", "number"),
    [
        (_listing("other words", TASK.text), (), "m1"),
        (_listing(f"{TASK.text}\n"), (), "m0"),
        (_listing(TASK.text, chats=CHATS[:1]), (), "m0"),  # the other is in its fail_list
        (_listing(TASK.text), ("m0",), None),
        (_listing("other words"), (), None),
        (_listing(TASK.text, chats=("wrThree",)), (), None),
        (_listing(TASK.text, chats=()), (), None),
    ],
)
async def test_a_lost_task_is_known_by_its_words_its_owner_and_its_chats(
    act: Act, besides: tuple[str, ...], number: str | None
) -> None:
    lost = Lost("WangFang", CHATS, TASK.text, T0 - timedelta(minutes=10), besides)
    found, there = await _ask(act, lambda way, by, http: way.find(lost, by, http))
    assert found == number
    began = int(T0.timestamp())
    assert there.heard[0].json == {
        "chat_type": "group",
        "start_time": began - 900,
        "end_time": began + 300,
        "filter_type": 0,
        "limit": 100,
        "cursor": "",
    }


@pytest.mark.parametrize("act", [_results(group_msg_list=None), answer(502, {}, b""), REFUSED[0].act])
async def test_a_list_that_cannot_be_read_finds_nothing_and_denies_nothing(act: Act) -> None:
    lost = Lost("WangFang", CHATS, TASK.text, T0, ())
    found, _ = await _ask(act, lambda way, by, http: way.find(lost, by, http))
    assert isinstance(found, Outcome)
