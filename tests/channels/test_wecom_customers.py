"""WeCom's customer mass send: every row of its fact sheet, and that a task which exists is never taken for a message
that stands."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.channels.adapters.wecom_customers import WeComCustomers, may_remind
from app.channels.port import Credential, Outcome, Scope, Verdict
from app.channels.tasks import Fate, Task
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, as_expected
from tests.channels.lending import TOKEN, InHand
from tests.channels.platform import Act, Platform, answer, platform
from tests.channels.test_wecom_app import REFUSED
from tests.conftest import T0

V = Verdict
SECRET = {"corp_id": "ww_practice_corp", "corp_secret": CANARY}
TASK = Task("WangFang", ("wrOne_1", "wrTwo-2"), "集合：周六 9 点 🎉")
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


@pytest.mark.parametrize("row", ANSWERS, ids=str)
async def test_an_answer_to_a_task_is_understood(row: Answer) -> None:
    given, there = await _ask(row.act, lambda way, by, http: way.give(TASK, by, http))
    assert as_expected(given.outcome, row)
    assert len(there.heard) == 1
    nowhere = row.verdict not in {V.HANDED_OVER, V.AMBIGUOUS}
    assert given.refused == (set(TASK.chats) if nowhere else {"wrTwo-2"} if "one of them" in row.name else set())


async def test_one_owner_is_asked_for_all_his_groups() -> None:
    _, there = await _ask(ANSWERS[0].act, lambda way, by, http: way.give(TASK, by, http))
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
    ("task", "verdict"),
    [
        (replace(TASK, owner=""), V.TARGET_GONE),
        (replace(TASK, owner="a|b"), V.TARGET_GONE),
        (replace(TASK, chats=()), V.CONTENT_REFUSED),
        (replace(TASK, chats=("oc_1",)), V.CONTENT_REFUSED),
        (replace(TASK, chats=("wr1",) * 2001), V.CONTENT_REFUSED),
        (replace(TASK, text="字" * 1334), V.CONTENT_REFUSED),
    ],
)
async def test_what_wecom_would_refuse_is_not_asked(task: Task, verdict: Verdict) -> None:
    given, there = await _ask(ANSWERS[0].act, lambda way, by, http: way.give(task, by, http))
    assert (given.outcome.verdict, given.refused) == (verdict, set(task.chats))
    assert there.connections == 0
    fits = replace(TASK, text="字" * 1333 + "x", chats=tuple(f"wr{number}" for number in range(2000)))
    given, _ = await _ask(ANSWERS[0].act, lambda way, by, http: way.give(fits, by, http))
    assert given.outcome.verdict is V.HANDED_OVER


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


@pytest.mark.parametrize(("status", "pressed"), [(0, False), (2, True), (1, None), (False, None)])
async def test_who_pressed_send(status: object, pressed: bool | None) -> None:
    row = {"userid": "WangFang", "status": status, "send_time": 0}
    found, there = await _ask(_results(row), lambda way, by, http: way.pressed("m1", by, http))
    assert found == {"WangFang": pressed}
    assert "/get_groupmsg_task?" in there.heard[0].path


@pytest.mark.parametrize("act", ["remind", "cancel"])
@pytest.mark.parametrize("row", [Answer("yes", 200, OK, V.SENT), _code(40058), *REFUSED], ids=str)
async def test_a_reminder_and_a_cancellation_are_understood(act: str, row: Answer) -> None:
    outcome, there = await _ask(row.act, lambda way, by, http: getattr(way, act)("m1", by, http))
    assert as_expected(outcome, row)
    assert there.heard[0].path.startswith(f"/cgi-bin/externalcontact/{act}_groupmsg_send?")
    assert there.heard[0].json == {"msgid": "m1"}
    assert "posted" not in outcome.detail or row.verdict is not V.AMBIGUOUS


def test_three_reminders_in_any_24_hours_are_heard() -> None:
    at = [T0, T0 + timedelta(hours=1), T0 + timedelta(hours=2)]
    assert may_remind(at[:2], at[2])
    assert not may_remind(at, T0 + timedelta(hours=24) - timedelta(seconds=1))
    assert may_remind(at, T0 + timedelta(hours=24))


async def test_a_limit_of_the_interface_is_the_companys() -> None:
    row = next(row for row in REFUSED if row.verdict is V.THROTTLED)
    given, _ = await _ask(row.act, lambda way, by, http: way.give(TASK, by, http))
    assert given.outcome.scope is Scope.ACCOUNT
