"""WeCom's group robot: every answer of its fact sheet, and the words it is sent."""

import json

import pytest

from app.channels.adapters.wecom import WeCom
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import platform
from tests.conftest import T0

V = Verdict
MORE = "more info at https://open.work.weixin.qq.com/devtool/query?e="
RATE = (
    '{"errcode":45009,"errmsg":"api freq out of limit, hint: [1634264791_224_ada10dc6c9d80465eb8d1e6784b329b7], '
    f'from ip: 203.0.113.9, {MORE}45009"}}'
)
GONE = f'{{"errcode":93000,"errmsg":"invalid webhook url, hint: [123], from ip: 203.0.113.9, {MORE}93000"}}'
TOO_LONG = (
    '{"errcode":93000,"errmsg":"Invalid input : content exceed max length. invalid Request Parameter, hint: [123]"}'
)


def _code(code: object, message: str = "x", verdict: Verdict = V.CONTENT_REFUSED) -> Answer:
    return Answer(f"errcode {code!r}", 200, json.dumps({"errcode": code, "errmsg": message}), verdict)


ANSWERS = (
    Answer("sent", 200, '{"errcode":0,"errmsg":"ok"}', V.SENT),
    Answer("sent, with a warning", 200, '{"errcode":0,"errmsg":"ok. Warning: wrong json format."}', V.SENT),
    Answer("too often", 200, RATE, V.THROTTLED, wait_s=60),
    Answer("too often, other hint", 200, '{"errcode":45009,"errmsg":"hint: [9]"}', V.THROTTLED, wait_s=60),
    Answer("robot removed", 200, GONE, V.TARGET_GONE),
    Answer("robot removed, as a 404", 404, GONE, V.TARGET_GONE),
    Answer("robot removed, in other words", 200, '{"errcode":93000,"errmsg":"机器人已被移除"}', V.TARGET_GONE),
    Answer("robot removed, in none", 200, '{"errcode":93000}', V.TARGET_GONE),
    Answer("too long", 200, TOO_LONG, V.CONTENT_REFUSED),
    _code(-1, "system busy", V.NOT_SENT),
    _code(45033, "concurrent calls", V.NOT_SENT),
    _code(40008),
    _code(40033),
    _code(40058),
    _code(44001),
    _code(44004),
    _code(45002),
    _code(47001, "data format error. Warning: wrong json format.", V.CONTENT_REFUSED),
    _code(99999, "nobody knows", V.AMBIGUOUS),
    _code(-1, "系统繁忙", V.NOT_SENT),
    _code("0", "ok", V.AMBIGUOUS),
    _code("93000", "invalid webhook url", V.AMBIGUOUS),
    _code(False, "ok", V.AMBIGUOUS),
    _code(0.0, "ok", V.AMBIGUOUS),
    _code(None, "ok", V.AMBIGUOUS),
    Answer("no errcode", 200, '{"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("a list", 200, '[{"errcode":0}]', V.AMBIGUOUS),
    Answer("yes in a 404", 404, '{"errcode":0,"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("yes in a 502", 502, '{"errcode":0,"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "nope", V.AMBIGUOUS),
    Answer("429 from a proxy", 429, "", V.THROTTLED, wait_s=60),
    Answer("429 from a proxy that says when", 429, "", V.THROTTLED, {"Retry-After": "3"}, wait_s=3),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("the key echoed", 200, f'{{"errcode":99999,"errmsg":"bad key {CANARY} in ?key={CANARY}"}}', V.AMBIGUOUS),
)

BENCH = Bench(WeCom(), f"{{base}}/cgi-bin/webhook/send?key={CANARY}", {}, ANSWERS, ANSWERS[0])


async def test_the_words_are_sent_as_text() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert heard.path == f"/cgi-bin/webhook/send?key={CANARY}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {"msgtype": "text", "text": {"content": "集合：周六 9 点 🎉 <b>&amp;"}}


async def _heard(text: str, *, mention_all: bool = False) -> object:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        await WeCom().post(Post("k", text, T0, "693a91f6-7xxx", base_url=there.base, mention_all=mention_all), http)
        await http.close()
    return there.heard[0].json["text"]


async def test_everyone_is_called_when_the_post_says_so() -> None:
    assert await _heard("集合", mention_all=True) == {"content": "集合", "mentioned_list": ["@all"]}


async def test_no_word_of_the_text_calls_anybody() -> None:
    text = "<@wangqing> <@all> @all <b> <@ x>"
    said = {"content": "(@wangqing) (@all) @all <b> <@ x>"}
    assert await _heard(text) == said
    assert len(said["content"].encode()) == len(text.encode())


async def test_a_bare_key_is_completed() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await WeCom().post(Post("k", "hi", T0, "693a91f6-7xxx", base_url=there.base), http)
        await http.close()
    assert outcome.verdict is V.SENT
    assert there.heard[0].path == "/cgi-bin/webhook/send?key=693a91f6-7xxx"


@pytest.mark.parametrize(
    "address",
    [
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        "http://127.0.0.1:9000/cgi-bin/webhook/send?key=k1",
        "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    ],
)
def test_a_robot_is_a_webhook_or_its_key(address: str) -> None:
    assert WeCom().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "短",
        "key with spaces",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a&key=b",
        "https://qyapi.weixin.qq.com/cgi-bin/gettoken?key=a1234567",
        "ftp://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a1234567",
        "https://[broken/cgi-bin/webhook/send?key=a1234567",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = WeCom().address_problem(address)
    assert problem is not None
    assert "key" in problem
