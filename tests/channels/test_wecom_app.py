"""WeCom's app messages: every answer of its fact sheet, recalls and checks, and the words it is sent."""

import json
from dataclasses import replace

import pytest

from app.channels.adapters.wecom_app import WeComApp
from app.channels.port import Checks, Credential, Post, Posted, Recalls, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench, as_expected, holds_no_secret
from tests.channels.lending import TOKEN, InHand
from tests.channels.platform import platform
from tests.conftest import T0

V = Verdict
SECRET = {"corp_id": "ww_practice_corp", "corp_secret": CANARY, "agent_id": "1000002"}
MORE = "more info at https://open.work.weixin.qq.com/devtool/query?e="
RATE = (
    '{"errcode":45009,"errmsg":"api freq out of limit, hint: [1634264791_224_ada10dc6c9d80465eb8d1e6784b329b7], '
    f'from ip: 203.0.113.9, {MORE}45009"}}'
)


def _yes(**changes: object) -> str:
    said = {"errcode": 0, "errmsg": "ok", "invaliduser": "", "invalidparty": "", "invalidtag": "", "msgid": "m1"}
    return json.dumps({**said, **changes})


def _code(code: object, message: str = "x", verdict: Verdict = V.CONTENT_REFUSED) -> Answer:
    return Answer(f"errcode {code!r}", 200, json.dumps({"errcode": code, "errmsg": message}), verdict)


REFUSED = (
    Answer("too often", 200, RATE, V.THROTTLED, wait_s=60, scope=Scope.ACCOUNT),
    Answer("429 from a proxy", 429, "", V.THROTTLED, wait_s=60, scope=Scope.ACCOUNT),
    Answer(
        "429 from a proxy that says when", 429, "", V.THROTTLED, {"Retry-After": "3"}, wait_s=3, scope=Scope.ACCOUNT
    ),
    _code(-1, "system busy", V.NOT_SENT),
    _code(45033, "concurrent calls", V.NOT_SENT),
    _code(40014, f"invalid access_token {TOKEN}", V.CREDENTIAL_REFUSED),
    _code(41001, "access_token missing", V.CREDENTIAL_REFUSED),
    _code(42001, "access_token expired", V.CREDENTIAL_REFUSED),
    _code(40001, "invalid credential", V.CREDENTIAL_REFUSED),
    _code(40013, "invalid corpid", V.CREDENTIAL_REFUSED),
    _code(40056, "invalid agentid", V.CREDENTIAL_REFUSED),
    _code(40091, "invalid secret", V.CREDENTIAL_REFUSED),
    _code(48002, "api forbidden", V.CREDENTIAL_REFUSED),
    _code(60011, "no privilege", V.CREDENTIAL_REFUSED),
    _code(60020, "not allow to access from your ip", V.CREDENTIAL_REFUSED),
    _code(301002, "not allow operate another agent", V.CREDENTIAL_REFUSED),
    _code(99999, f"nobody knows ?access_token={TOKEN} {CANARY}", V.AMBIGUOUS),
    _code("0", "ok", V.AMBIGUOUS),
    _code(False, "ok", V.AMBIGUOUS),
    _code(0.0, "ok", V.AMBIGUOUS),
    _code(None, "ok", V.AMBIGUOUS),
    Answer("no errcode", 200, '{"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("a list", 200, '[{"errcode":0}]', V.AMBIGUOUS),
    Answer("yes in a 404", 404, _yes(), V.AMBIGUOUS),
    Answer("yes in a 502", 502, _yes(), V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "nope", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
)
ANSWERS = (
    Answer("handed over", 200, _yes(), V.HANDED_OVER, message_id="m1"),
    Answer("handed over, nothing else said", 200, '{"errcode":0,"errmsg":"ok"}', V.HANDED_OVER),
    Answer("handed over, a number for an id", 200, _yes(msgid=7), V.HANDED_OVER),
    Answer("yes, but nobody of this name", 200, _yes(invaliduser="wangfang"), V.TARGET_GONE),
    Answer("yes, but nobody of these names", 200, _yes(invaliduser=["wangfang"]), V.TARGET_GONE),
    Answer("yes, but without a licence", 200, _yes(unlicenseduser="wangfang"), V.TARGET_GONE),
    Answer("yes, but nobody, as an object", 200, _yes(invaliduser={"a": 1}), V.TARGET_GONE),
    _code(81013, "user & party & tag all invalid", V.TARGET_GONE),
    _code(82001, "all touser & toparty & totag invalid", V.TARGET_GONE),
    _code(40003, "invalid userid", V.TARGET_GONE),
    _code(60111, "userid not found", V.TARGET_GONE),
    _code(40008),
    _code(40033),
    _code(40035),
    _code(40058),
    _code(44004),
    _code(45002),
    _code(47001),
    *REFUSED,
)
RECALLS = (
    Answer("taken back", 200, '{"errcode":0,"errmsg":"ok"}', V.SENT),
    _code(40058, "invalid msgid"),
    *REFUSED,
)

BENCH = Bench(WeComApp(InHand()), "WangFang", SECRET, ANSWERS, ANSWERS[0])


async def test_the_words_are_sent_as_text_to_one_member() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/cgi-bin/message/send?access_token={TOKEN}")
    assert heard.json == {
        "touser": "WangFang",
        "agentid": 1000002,
        "msgtype": "text",
        "text": {"content": "集合：周六 9 点 🎉 <b>&amp;"},
        "enable_duplicate_check": 0,
    }


async def test_what_wecom_would_cut_is_not_said() -> None:
    async with platform(ANSWERS[0].act) as there:
        http = HttpClient(Guard(there.hosts))
        post = Post("k", "字" * 682, T0, "wang", SECRET, there.base)
        assert (await WeComApp(InHand()).post(post, http)).verdict is V.HANDED_OVER
        for more in (replace(post, text="字" * 683), replace(post, text="x", marked="***" + "字" * 682)):
            assert (await WeComApp(InHand()).post(more, http)).verdict is V.CONTENT_REFUSED
        await http.close()
    assert len(there.heard) == 1


async def test_markdown_is_a_kind_of_message_of_its_own() -> None:
    async with platform(ANSWERS[0].act) as there:
        http = HttpClient(Guard(there.hosts))
        post = Post("k", "Hi", T0, "wang", SECRET, there.base, marked="**Hi**")
        assert (await WeComApp(InHand()).post(post, http)).verdict is V.HANDED_OVER
        await http.close()
    said = there.heard[0].json
    assert (said["msgtype"], said["markdown"], "text" in said) == ("markdown", {"content": "**Hi**"}, False)


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {**SECRET, "agent_id": ""},
        {**SECRET, "agent_id": "one"},
        {**SECRET, "agent_id": "１２３"},
        {**SECRET, "corp_id": ""},
        {**SECRET, "corp_secret": ""},
    ],
)
async def test_without_a_whole_secret_nothing_is_said(secret: dict[str, str]) -> None:
    async with platform(ANSWERS[0].act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await WeComApp().post(Post("k", "hi", T0, "wang", secret, there.base), http)
        await http.close()
    assert outcome.verdict is V.CREDENTIAL_REFUSED
    assert there.connections == 0


@pytest.mark.parametrize("row", RECALLS, ids=str)
async def test_a_recall_is_understood(row: Answer) -> None:
    channel = WeComApp(InHand())
    assert isinstance(channel, Recalls)
    async with platform(row.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await channel.recall(Posted("m1", T0, "wang", SECRET, there.base), http)
        await http.close()
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/cgi-bin/message/recall?access_token={TOKEN}")
    assert heard.json == {"msgid": "m1"}
    assert as_expected(outcome, row), outcome
    assert holds_no_secret(outcome, BENCH)


CHECKS = (
    (200, '{"errcode":0,"errmsg":"ok","access_token":"a1","expires_in":7200}', True),
    (200, '{"errcode":40001,"errmsg":"invalid credential"}', False),
    (200, '{"errcode":40013,"errmsg":"invalid corpid"}', False),
    (200, '{"errcode":40091,"errmsg":"invalid secret"}', False),
    (200, '{"errcode":60020,"errmsg":"not allow to access from your ip"}', False),
    (200, RATE, None),
    (200, '{"errcode":-1,"errmsg":"system busy"}', None),
    (200, '{"errcode":0,"errmsg":"ok"}', None),
    (200, '{"errcode":0,"errmsg":"ok","access_token":"two words"}', None),
    (200, '{"access_token":"a1","expires_in":7200}', None),
    (404, '{"errcode":0,"access_token":"a1","expires_in":7200}', None),
    (200, "<html>", None),
    (302, "", None),
    (500, "", None),
    (200, f'{{"errcode":40001,"errmsg":"?corpsecret={CANARY}"}}', False),
)


@pytest.mark.parametrize(("status", "body", "works"), CHECKS)
async def test_a_check_asks_for_a_token_and_posts_nothing(status: int, body: str, works: bool | None) -> None:
    channel = WeComApp()
    assert isinstance(channel, Checks)
    async with platform(Answer("", status, body, V.SENT).act) as there:
        http = HttpClient(Guard(there.hosts))
        checked = await channel.check(Credential(T0, SECRET, there.base), http)
        await http.close()
    (heard,) = there.heard
    assert heard.method == "GET"
    assert heard.path == f"/cgi-bin/gettoken?corpid=ww_practice_corp&corpsecret={CANARY}"
    assert checked.works is works
    assert checked.detail.endswith(".")
    assert CANARY not in repr(checked)


@pytest.mark.parametrize("address", ["WangFang", "wang.fang-1@corp", "7", "a" * 64])
def test_an_address_is_one_member(address: str) -> None:
    assert WeComApp().address_problem(address) is None


@pytest.mark.parametrize("address", ["", "@all", "wang|li", "wang li", "王芳", "a" * 65, "https://x"])
def test_anything_else_is_explained(address: str) -> None:
    problem = WeComApp().address_problem(address)
    assert problem is not None
    assert "userid" in problem
