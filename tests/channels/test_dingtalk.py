"""DingTalk's custom robot: every answer of its fact sheet, its signature, and the words it is sent."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.channels.adapters.dingtalk import DingTalk
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import Platform, answer, platform
from tests.conftest import T0

V = Verdict
TOO_LONG = "description: body 大小不合法;solution:请保持大小在 20000bytes 以内;"
NO_KEYWORD = "description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词，并在发送的信息中包含此关键词;"
NO_SIGN = "description:机器人发送签名不匹配;solution:签名和timestamp参数必须同时存在;"
X5 = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "24ce64f68ff5dc054dca012fc3931165"}


def _code(
    code: object, message: str = "x", verdict: Verdict = V.CONTENT_REFUSED, *, wait_s: float | None = None
) -> Answer:
    body = json.dumps({"errcode": code, "errmsg": message})
    return Answer(f"errcode {code!r} {message[:30]}", 200, body, verdict, wait_s=wait_s)


def _x5(name: str, wait_s: float, **changes: object) -> Answer:
    body = {field: value for field, value in {**X5, **changes}.items() if value is not None}
    return Answer(f"x5, {name}", 200, json.dumps(body), V.THROTTLED, wait_s=wait_s)


ANSWERS = (
    Answer("sent", 200, '{"errcode":0,"errmsg":"ok"}', V.SENT),
    _code(130101, "send too fast, exceed 20 times per minute", V.THROTTLED, wait_s=600),
    _code(410100, "发送速度太快而限流，请降低发送速度", V.THROTTLED, wait_s=600),
    _x5("alone", 5),
    _x5("as a word", 9, wait="9"),
    _x5("without a wait", 600, wait=None),
    _x5("with a false wait", 600, wait=True),
    _x5("with a wait of days", 3600, wait=10**6),
    _x5("together with 130101", 600, errcode=130101, errmsg="send too fast, exceed 20 times per minute"),
    Answer("x5 in a 403", 403, json.dumps(X5), V.THROTTLED, wait_s=5),
    Answer("x5 together with a yes", 200, json.dumps({**X5, "errcode": 0}), V.AMBIGUOUS),
    _code(90030, "webhook quota", V.THROTTLED, wait_s=3600),
    _code(300001, "send too fast", V.THROTTLED, wait_s=600),
    _code(300001, "发送过快，已限流", V.THROTTLED, wait_s=600),
    _code(300001, "token is not exist", V.TARGET_GONE),
    _code(300001, "something else", V.AMBIGUOUS),
    _code(310000, "keywords not in content", V.CONTENT_REFUSED),
    _code(310000, NO_KEYWORD, V.CONTENT_REFUSED),
    _code(310000, "sign not match", V.TARGET_GONE),
    _code(310000, "invalid timestamp", V.TARGET_GONE),
    _code(310000, NO_SIGN, V.TARGET_GONE),
    _code(310000, "ip 203.0.113.9 not in whitelist", V.TARGET_GONE),
    _code(310000, "a fourth lock", V.TARGET_GONE),
    _code(300005, "token is not exist", V.TARGET_GONE),
    _code(400013, "群已解散", V.TARGET_GONE),
    _code(400101, "access_token不存在", V.TARGET_GONE),
    _code(400102, "机器人已停用", V.TARGET_GONE),
    _code(400106, "机器人不存在", V.TARGET_GONE),
    _code(40035, "缺少参数 access_token"),
    _code(43002, "require POST"),
    _code(43004),
    _code(400105),
    _code(430101),
    _code(430102),
    _code(430103),
    _code(430104),
    _code(460101, TOO_LONG),
    _code(-1, "系统繁忙", V.NOT_SENT),
    _code(99999, "nobody knows", V.AMBIGUOUS),
    _code("0", "ok", V.AMBIGUOUS),
    _code(False, "ok", V.AMBIGUOUS),
    _code(0.0, "ok", V.AMBIGUOUS),
    _code(None, "ok", V.AMBIGUOUS),
    Answer("no errcode", 200, '{"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("a list", 200, '[{"errcode":0}]', V.AMBIGUOUS),
    Answer("yes in a 404", 404, '{"errcode":0,"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("yes in a 502", 502, '{"errcode":0,"errmsg":"ok"}', V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "nope", V.AMBIGUOUS),
    Answer("429 from a proxy", 429, "", V.THROTTLED, wait_s=600),
    Answer("429 from a proxy that says when", 429, "", V.THROTTLED, {"Retry-After": "3"}, wait_s=3),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("the token echoed", 200, f'{{"errcode":300005,"errmsg":"?access_token={CANARY} {CANARY}"}}', V.TARGET_GONE),
)

BENCH = Bench(DingTalk(), f"{{base}}/robot/send?access_token={CANARY}", {}, ANSWERS, ANSWERS[0])
VECTORS = [
    (1577262236757, "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"),
    (1700000000000, "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0%3D"),
]


async def _heard(post: Post, row: Answer = ANSWERS[0]) -> tuple[Verdict, Platform]:
    async with platform(row.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await DingTalk().post(replace(post, base_url=there.base), http)
        await http.close()
    return outcome.verdict, there


async def test_the_words_are_sent_as_text_that_calls_nobody() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert heard.path == f"/robot/send?access_token={CANARY}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {
        "msgtype": "text",
        "text": {"content": "集合：周六 9 点 🎉 <b>&amp;"},
        "at": {"isAtAll": False},
    }


async def test_everyone_is_called_where_that_is_wanted() -> None:
    verdict, there = await _heard(Post("k", "hi", T0, "token-0001", mention_all=True))
    assert verdict is V.SENT
    assert there.heard[0].json["at"] == {"isAtAll": True}


@pytest.mark.parametrize(("stamp", "sign"), VECTORS)
async def test_a_secret_signs_the_query(stamp: int, sign: str) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp)
    _, there = await _heard(Post("k", "hi", at, "token-0001", {"secret": "this is secret", "signing_secret": "other"}))
    assert there.heard[0].path == f"/robot/send?access_token=token-0001&timestamp={stamp}&sign={sign}"


async def test_a_signature_pasted_with_the_address_is_not_sent_again() -> None:
    async with platform(ANSWERS[0].act) as there:
        http = HttpClient(Guard(there.hosts))
        address = f"{there.base}/robot/send?access_token=a1&timestamp=1577262236757&sign=abc"
        await DingTalk().post(Post("k", "hi", T0, address), http)
        await http.close()
    assert there.heard[0].path == "/robot/send?access_token=a1"


@pytest.mark.parametrize("message", ["sign not match", "invalid timestamp", NO_SIGN])
@pytest.mark.parametrize(
    ("secret", "verdict"),
    [
        ({"secret": "robot's own"}, V.TARGET_GONE),
        ({"signing_secret": "account's"}, V.CREDENTIAL_REFUSED),
        ({"secret": "robot's own", "signing_secret": "account's"}, V.TARGET_GONE),
        ({}, V.TARGET_GONE),
    ],
)
async def test_a_refused_signature_is_the_affair_of_whoever_owns_the_secret(
    message: str, secret: dict[str, str], verdict: Verdict
) -> None:
    found, _ = await _heard(Post("k", "hi", T0, "token-0001", secret), _code(310000, message, verdict))
    assert found is verdict


async def test_the_longest_text_fits_whatever_it_holds() -> None:
    """The whole body counts. A text may hold over a thousand line breaks or quotes before it grows too long."""
    channel = DingTalk()
    text = ("集" * 50 + '\n"') * (channel.size.most // 152)
    assert channel.size.measure(text) <= channel.size.most
    async with platform(answer(200, {}, b'{"errcode":0}')) as there:
        http = HttpClient(Guard(there.hosts))
        await channel.post(Post("k", text, T0, "token-0001", base_url=there.base), http)
        await http.close()
    assert len(there.heard[0].body) <= 20_000


@pytest.mark.parametrize(
    "address",
    [
        "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec33",
        "https://oapi.dingtalk.com/robot/send?access_token=566cc69d&timestamp=1&sign=abc",
        "http://127.0.0.1:9000/robot/send?access_token=k1",
        "566cc69da782ec33",
    ],
)
def test_a_robot_is_a_webhook_or_its_token(address: str) -> None:
    assert DingTalk().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "短",
        "token with spaces",
        "https://oapi.dingtalk.com/robot/send",
        "https://oapi.dingtalk.com/robot/send?access_token=",
        "https://oapi.dingtalk.com/robot/send?access_token=a&access_token=b",
        "https://oapi.dingtalk.com/gettoken?access_token=a1234567",
        "ftp://oapi.dingtalk.com/robot/send?access_token=a1234567",
        "https://[broken/robot/send?access_token=a1234567",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = DingTalk().address_problem(address)
    assert problem is not None
    assert "access_token" in problem
