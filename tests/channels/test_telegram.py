"""Telegram: every answer of its fact sheet, and the words it is sent."""

import json

import pytest

from app.channels.adapters.telegram import Telegram
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import answer, platform
from tests.conftest import T0

V = Verdict
CHAT = -1001234567890
TOKEN = f"4242:{CANARY}"


def _ok(**changes: object) -> str:
    result = {"message_id": 42, "date": 0, "chat": {"id": CHAT, "type": "supergroup"}, "text": "…", **changes}
    return json.dumps({"ok": True, "result": result})


def _no(code: int, description: str, **parameters: object) -> str:
    body: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    return json.dumps({**body, "parameters": parameters} if parameters else body)


def _refusal(code: int, description: str, verdict: Verdict) -> Answer:
    return Answer(description, code, _no(code, description), verdict)


def _slow_down(name: str, retry_after: object, wait_s: float, **headers: str) -> Answer:
    body = _no(429, "Too Many Requests: retry after", retry_after=retry_after)
    return Answer(f"429 {name}", 429, body, V.THROTTLED, headers, wait_s=wait_s)


ANSWERS = (
    Answer("sent", 200, _ok(), V.SENT, message_id="42"),
    Answer("sent, no chat named", 200, '{"ok":true,"result":{"message_id":1}}', V.SENT, message_id="1"),
    Answer("yes for another chat", 200, _ok(chat={"id": -5}), V.AMBIGUOUS),
    Answer("yes without a message", 200, '{"ok":true,"result":true}', V.AMBIGUOUS),
    Answer("yes with a true message id", 200, _ok(message_id=True), V.AMBIGUOUS),
    Answer("yes as a word", 200, '{"ok":"true","result":{"message_id":1}}', V.AMBIGUOUS),
    Answer("yes but not 200", 404, _ok(), V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("ok false and nothing else", 200, '{"ok":false}', V.AMBIGUOUS),
    Answer("no inside a 200", 200, _no(403, "Forbidden: bot was kicked from the group chat"), V.TARGET_GONE),
    _slow_down("as captured", 34, 34, **{"Retry-After": "34"}),
    _slow_down("a fraction", 1.5, 1.5),
    _slow_down("a chat with 310 unsent messages", 60, 60),
    _slow_down("several hundred", 871, 871),
    _slow_down("zero", 0, 1),
    _slow_down("negative", -7, 1),
    _slow_down("a billion", 10**9, 3600),
    _slow_down("four thousand digits", 10**4200, 5),
    _slow_down("a word, and a good header", "soon", 9, **{"Retry-After": "9"}),
    _slow_down("true, and a date", True, 120, **{"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT"}),
    Answer(
        "429 a date beside a clock a day off",
        429,
        "",
        V.THROTTLED,
        {"Date": "Sun, 01 Mar 2026 09:00:00 GMT", "Retry-After": "Sun, 01 Mar 2026 09:00:40 GMT"},
        wait_s=40,
    ),
    Answer("429 nothing said", 429, _no(429, "Too Many Requests"), V.THROTTLED, wait_s=5),
    Answer("429 from a proxy", 429, "<html>", V.THROTTLED, {"Retry-After": "7"}, wait_s=7),
    Answer(
        "429 infinity",
        429,
        '{"ok":false,"error_code":429,"parameters":{"retry_after":1e999}}',
        V.THROTTLED,
        wait_s=3600,
    ),
    Answer(
        "429 not a number", 429, '{"ok":false,"error_code":429,"parameters":{"retry_after":NaN}}', V.THROTTLED, wait_s=5
    ),
    Answer("429 parameters are a list", 429, '{"ok":false,"error_code":429,"parameters":[5]}', V.THROTTLED, wait_s=5),
    Answer(
        "migrated",
        400,
        _no(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009876543210),
        V.MOVED,
        moved_to="-1009876543210",
    ),
    Answer(
        "migrated to itself",
        400,
        _no(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=CHAT),
        V.TARGET_GONE,
    ),
    Answer(
        "migrated to nowhere",
        400,
        _no(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id="x"),
        V.TARGET_GONE,
    ),
    _refusal(400, "Bad Request: chat not found", V.TARGET_GONE),
    _refusal(400, "Bad Request: chat_id is empty", V.TARGET_GONE),
    _refusal(400, "Bad Request: private chat not found", V.TARGET_GONE),
    _refusal(400, "Bad Request: not enough rights to send text messages to the chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot was kicked from the group chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot was kicked from the supergroup chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot was kicked from the channel chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot is not a member of the group chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot is not a member of the supergroup chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot is not a member of the channel chat", V.TARGET_GONE),
    _refusal(403, "Forbidden: the group chat was deleted", V.TARGET_GONE),
    _refusal(403, "Forbidden: bot was blocked by the user", V.TARGET_GONE),
    _refusal(403, "Forbidden: user is deactivated", V.TARGET_GONE),
    _refusal(400, "Bad Request: message is too long", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: message caption is too long", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: message text is empty", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: can't parse entities: Unsupported start tag", V.CONTENT_REFUSED),
    _refusal(400, "Bad Request: something nobody foresaw", V.CONTENT_REFUSED),
    _refusal(413, "Request Entity Too Large", V.CONTENT_REFUSED),
    _refusal(401, "Unauthorized", V.CREDENTIAL_REFUSED),
    _refusal(401, "Unauthorized: invalid token specified", V.CREDENTIAL_REFUSED),
    _refusal(404, "Not Found", V.CREDENTIAL_REFUSED),
    _refusal(404, "Not Found: method not found", V.CREDENTIAL_REFUSED),
    Answer("401 without a word", 401, "", V.CREDENTIAL_REFUSED),
    Answer("403 from a proxy", 403, "<html>Forbidden</html>", V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    _refusal(500, "Internal Server Error", V.AMBIGUOUS),
    _refusal(502, "Bad Gateway", V.AMBIGUOUS),
    Answer("502 from a proxy", 502, "<html>", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("504", 504, "", V.AMBIGUOUS),
    Answer("500 in a 200", 200, _no(500, "Internal Server Error"), V.AMBIGUOUS),
    Answer("a token echoed", 400, _no(400, f"Bad Request: no method /bot{TOKEN}/x {CANARY}"), V.CONTENT_REFUSED),
)

BENCH = Bench(Telegram(), str(CHAT), {"bot_token": TOKEN}, ANSWERS, ANSWERS[0])


async def test_the_words_are_sent_plainly_and_without_a_preview() -> None:
    outcome, there = await BENCH.say(BENCH.good.act)
    assert outcome.verdict is V.SENT
    (heard,) = there.heard
    assert heard.method == "POST"
    assert heard.path == f"/bot{TOKEN}/sendMessage"
    assert heard.json == {
        "chat_id": CHAT,
        "text": "集合：周六 9 点 🎉 <b>&amp;",
        "link_preview_options": {"is_disabled": True},
    }


@pytest.mark.parametrize("mention_all", [False, True])
async def test_no_name_in_the_text_calls_anybody(mention_all: bool) -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        text = "@wang_fang (@li) 请问@all，.@x a@example.org\n<@7> 9 @ 10"
        post = Post("k", text, T0, str(CHAT), {"bot_token": TOKEN}, there.base, mention_all=mention_all)
        await Telegram().post(post, http)
        await http.close()
    said = str(there.heard[0].json["text"])
    assert said == "＠wang_fang (＠li) 请问＠all，.＠x a@example.org\n＜＠7> 9 @ 10"
    assert len(said) == len(text)


async def test_a_public_name_is_sent_as_a_name() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        post = Post("k", "hi", T0, "@my_channel", {"bot_token": TOKEN}, there.base + "/")
        outcome = await Telegram().post(post, http)
        await http.close()
    assert outcome.verdict is V.SENT
    assert there.heard[0].json["chat_id"] == "@my_channel"


async def test_without_a_token_nothing_is_said() -> None:
    async with platform(answer(200, {}, b"{}")) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await Telegram().post(Post("k", "hi", T0, "1", {}, there.base), http)
        await http.close()
    assert outcome.verdict is V.CREDENTIAL_REFUSED
    assert there.connections == 0


async def test_a_token_cannot_lead_to_another_path() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        post = Post("k", "hi", T0, str(CHAT), {"bot_token": "../../x?y#z"}, there.base)
        await Telegram().post(post, http)
        await http.close()
    assert there.heard[0].path == "/bot..%2F..%2Fx%3Fy%23z/sendMessage"


@pytest.mark.parametrize("address", ["-1001234567890", "123", "@my_channel"])
def test_a_chat_is_a_number_or_a_name(address: str) -> None:
    assert Telegram().address_problem(address) is None


@pytest.mark.parametrize("address", ["", "0", "-", "my_channel", "@a", "12 3", "１２３", "1e5", "https://t.me/x", "-0"])
def test_anything_else_is_explained(address: str) -> None:
    problem = Telegram().address_problem(address)
    assert problem is not None
    assert "-1001234567890" in problem
