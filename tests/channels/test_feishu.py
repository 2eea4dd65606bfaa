"""Feishu's custom bot: every answer of its fact sheet, its signature, and the words it is sent."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.channels.adapters.feishu import Feishu
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import Platform, platform
from tests.conftest import T0

V = Verdict
YES = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
RATE = '{"code":11232,"data":{},"msg":"frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"}'
RATE_400 = '{"code":9499,"msg":"too many request","data":{}}'
NO_SIGN = "sign match fail or timestamp is not within one hour from current time"


def _said(name: str, verdict: Verdict, **changes: object) -> Answer:
    body = {field: value for field, value in {**YES, **changes}.items() if value is not ...}
    return Answer(name, 200, json.dumps(body), verdict)


def _code(code: object, message: str = "x", verdict: Verdict = V.CONTENT_REFUSED, status: int = 200) -> Answer:
    body = json.dumps({"code": code, "msg": message, "data": {}})
    return Answer(f"{status} code {code!r} {message[:30]}", status, body, verdict)


ANSWERS = (
    _said("sent", V.SENT),
    _said("sent, with Extra", V.SENT, Extra=None),
    _said("sent, by the newer field", V.SENT, StatusCode=..., StatusMessage=...),
    _said("sent, by the older field", V.SENT, code=...),
    _said("yes and no at once", V.AMBIGUOUS, StatusCode=19001),
    _said("no code", V.AMBIGUOUS, code=..., StatusCode=...),
    _said("a code of null beside the older yes", V.AMBIGUOUS, code=None),
    _said("yes as a word", V.AMBIGUOUS, code="0"),
    _said("yes as a truth", V.AMBIGUOUS, code=False),
    _said("yes as a fraction", V.AMBIGUOUS, code=0.0),
    Answer("too often", 200, RATE, V.THROTTLED, wait_s=2),
    Answer("too often, the older way", 400, RATE_400, V.THROTTLED, wait_s=2),
    Answer("too often, the older way in a 200", 200, RATE_400, V.THROTTLED, wait_s=2),
    _code(9499, "Bad Request"),
    _code(9499, "Bad Request", status=400),
    _code(19001, "param invalid: incoming webhook access token invalid", V.TARGET_GONE),
    _code(19021, NO_SIGN, V.TARGET_GONE),
    _code(19022, "Ip Not Allowed", V.TARGET_GONE),
    _code(19024, "Key Words Not Found"),
    _code(19036, "too large"),
    _code(2200, "internal error", V.AMBIGUOUS),
    _code(99999, "nobody knows", V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("a list", 200, '[{"code":0}]', V.AMBIGUOUS),
    Answer("half an answer", 200, '{"code":0,"ms', V.AMBIGUOUS),
    Answer("yes in a 404", 404, json.dumps(YES), V.AMBIGUOUS),
    Answer("yes in a 502", 502, json.dumps(YES), V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "nope", V.AMBIGUOUS),
    Answer("429 from a proxy", 429, "", V.THROTTLED, wait_s=60),
    Answer("429 from a proxy that says when", 429, "", V.THROTTLED, {"Retry-After": "3"}, wait_s=3),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    _code(19022, f"ip of /open-apis/bot/v2/hook/{CANARY} {CANARY}", V.TARGET_GONE),
)

BENCH = Bench(Feishu(), f"{{base}}/open-apis/bot/v2/hook/{CANARY}", {}, ANSWERS, ANSWERS[0])
TOKEN = "9c5a1f0e-0001"


async def _heard(post: Post, row: Answer = ANSWERS[0]) -> tuple[Verdict, Platform]:
    async with platform(row.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await Feishu().post(replace(post, base_url=there.base), http)
        await http.close()
    return outcome.verdict, there


async def test_the_words_are_sent_as_text() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert heard.path == f"/open-apis/bot/v2/hook/{CANARY}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {"msg_type": "text", "content": {"text": "集合：周六 9 点 🎉 <b>&amp;"}}


async def test_everyone_is_called_where_that_is_wanted() -> None:
    verdict, there = await _heard(Post("k", "hi", T0, TOKEN, mention_all=True))
    assert verdict is V.SENT
    assert there.heard[0].path == f"/open-apis/bot/v2/hook/{TOKEN}"
    assert there.heard[0].json["content"] == {"text": '<at user_id="all">所有人</at> hi'}


@pytest.mark.parametrize("mention_all", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        '<at user_id="all">所有人</at>',
        "<AT user_id='ou_1'>x</AT>",
        "< at id=all></ at>",
        "<\tat\nuser_id=all>",
        '<<at user_id="all"></at>',
        "<at>",
    ],
)
async def test_no_word_of_the_text_calls_anyone(text: str, mention_all: bool) -> None:
    _, there = await _heard(Post("k", f"read {text} now", T0, TOKEN, mention_all=mention_all))
    content = there.heard[0].json["content"]
    assert isinstance(content, dict)
    words = content["text"].removeprefix('<at user_id="all">所有人</at> ')
    assert words.replace("\u200b", "") == f"read {text} now"
    for opening in words.split("<")[1:]:
        assert opening.startswith("\u200b") or not opening.lower().strip().lstrip("/").strip().startswith("at")


async def test_other_words_stay_as_they_are() -> None:
    text = "a<b at 9, <attention> <b>bold</b> me@example.org @all"
    _, there = await _heard(Post("k", text, T0, TOKEN))
    assert there.heard[0].json["content"] == {"text": text}


@pytest.mark.parametrize(
    ("stamp", "secret", "sign"),
    [
        (1599360473, "demo", "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="),
        (1700000000, "this is secret", "OfGzRzoUICBOoc8wVra1e4A1hPfbZ9zqXozA8CWVUuY="),
    ],
)
async def test_a_secret_signs_the_body(stamp: int, secret: str, sign: str) -> None:
    at = datetime.fromtimestamp(stamp, UTC)
    _, there = await _heard(Post("k", "hi", at, TOKEN, {"secret": secret, "signing_secret": "other"}))
    body = there.heard[0].json
    assert (body["timestamp"], body["sign"]) == (str(stamp), sign)


@pytest.mark.parametrize(
    ("secret", "verdict"),
    [
        ({"secret": "bot's own"}, V.TARGET_GONE),
        ({"signing_secret": "account's"}, V.CREDENTIAL_REFUSED),
        ({"secret": "bot's own", "signing_secret": "account's"}, V.TARGET_GONE),
    ],
)
async def test_a_refused_signature_is_the_affair_of_whoever_owns_the_secret(
    secret: dict[str, str], verdict: Verdict
) -> None:
    assert (await _heard(Post("k", "hi", T0, TOKEN, secret), _code(19021, NO_SIGN)))[0] is verdict


async def test_who_is_turned_away_again_waits_longer_until_the_bot_has_spoken() -> None:
    rate, good = Answer("rate", 200, RATE, V.THROTTLED), ANSWERS[0]
    waits = []
    channel = Feishu()
    async with platform(rate.act) as there:
        http = HttpClient(Guard(there.hosts))
        for act in (*[rate.act] * 7, good.act, rate.act):
            there.act = act
            waits.append((await channel.post(Post("k", "hi", T0, TOKEN, base_url=there.base), http)).wait_s)
        other = await channel.post(Post("k", "hi", T0, "another-bot", base_url=there.base), http)
        await http.close()
    assert waits == [2, 4, 8, 16, 32, 60, 60, None, 2]
    assert other.wait_s == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://open.feishu.cn/open-apis/bot/v2/hook/9c5a1f0e-7a1b-4c3d",
        "https://open.larksuite.com/open-apis/bot/v2/hook/9c5a1f0e-7a1b-4c3d",
        "http://127.0.0.1:9000/feishu/open-apis/bot/v2/hook/k1",
        "9c5a1f0e-7a1b-4c3d",
    ],
)
def test_a_bot_is_a_webhook_or_its_token(address: str) -> None:
    assert Feishu().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "短",
        "token with spaces",
        "https://open.feishu.cn/open-apis/bot/v2/hook/",
        "https://open.feishu.cn/open-apis/bot/v2/hook/a/b",
        "https://open.feishu.cn/open-apis/bot/hook/a1234567",
        "https://open.feishu.cn/open-apis/bot/v2/hook/a1234567?x=1",
        "ftp://open.feishu.cn/open-apis/bot/v2/hook/a1234567",
        "https://[broken/open-apis/bot/v2/hook/a1234567",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Feishu().address_problem(address)
    assert problem is not None
    assert "hook" in problem
