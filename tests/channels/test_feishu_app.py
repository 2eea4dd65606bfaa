"""Feishu's app messages: every answer of its fact sheet, recalls and checks, and the words it is sent."""

import json
from dataclasses import replace

import pytest

from app.channels.adapters.feishu_app import FeishuApp
from app.channels.port import Checks, Credential, Post, Posted, Recalls, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench, as_expected, holds_no_secret
from tests.channels.lending import TOKEN, InHand
from tests.channels.platform import Platform, platform
from tests.conftest import T0

V = Verdict
CHAT = "oc_a0553eda9014c201e6969b478895c230"
PERSON = "ou_7d8a6e6df7621556ce0d21922b676706"
SECRET = {"app_id": "cli_practice", "app_secret": CANARY}
GATEWAY = '{"code":99991400,"msg":"request trigger frequency limit"}'


def _yes(**changes: object) -> str:
    data = {"message_id": "om_1", "chat_id": CHAT, "msg_type": "text", **changes}
    return json.dumps({"code": 0, "msg": "success", "data": data})


def _code(code: object, message: str = "x", verdict: Verdict = V.CONTENT_REFUSED, *, status: int = 400) -> Answer:
    return Answer(f"code {code!r} {message[:40]}", status, json.dumps({"code": code, "msg": message}), verdict)


def _slow_down(name: str, status: int, wait_s: float, **headers: str) -> Answer:
    sent = {field.replace("_", "-"): value for field, value in headers.items()}
    return Answer(name, status, GATEWAY, V.THROTTLED, sent, wait_s=wait_s, scope=Scope.ACCOUNT)


RIGHTS = (99991672, 230027)
REFUSED = (
    _code(99991661, "Missing access token for authorization", V.CREDENTIAL_REFUSED),
    _code(99991663, f"Invalid access token for authorization, token: {TOKEN}", V.CREDENTIAL_REFUSED),
    *(_code(code, "Invalid access token", V.CREDENTIAL_REFUSED) for code in (99991664, 99991668, 99991671)),
    _code(99991677, "token expired", V.CREDENTIAL_REFUSED, status=401),
    _code(99991662, "app is not in use", V.CREDENTIAL_REFUSED),
    _code(99991673, "app unavailable", V.CREDENTIAL_REFUSED),
    _code(230006, "Bot ability is not activated.", V.CREDENTIAL_REFUSED),
    _slow_down("the gateway, as captured", 429, 52, x_ogw_ratelimit_limit="100", x_ogw_ratelimit_reset="52"),
    _slow_down("the gateway, an older interface", 400, 52, x_ogw_ratelimit_reset="52"),
    _slow_down("the gateway, no header", 429, 5),
    _slow_down("the gateway, a header of nonsense", 429, 5, x_ogw_ratelimit_reset="soon"),
    _slow_down("the gateway, a header of days", 429, 3600, x_ogw_ratelimit_reset="999999"),
    Answer("429 from a proxy", 429, "", V.THROTTLED, {"Retry-After": "7"}, wait_s=7, scope=Scope.ACCOUNT),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("a list", 200, '[{"code":0}]', V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "nope", V.AMBIGUOUS),
    _code("0", "success", V.AMBIGUOUS, status=200),
    _code(False, "success", V.AMBIGUOUS, status=200),
    _code(None, "success", V.AMBIGUOUS, status=200),
    _code(999, f"nobody knows {TOKEN} {CANARY}", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
)
ANSWERS = (
    Answer("sent", 200, _yes(), V.SENT, message_id="om_1"),
    Answer("sent, no chat named", 200, _yes(chat_id=None), V.SENT, message_id="om_1"),
    Answer("yes for another chat", 200, _yes(chat_id="oc_other"), V.AMBIGUOUS),
    Answer("yes for a list of chats", 200, _yes(chat_id=[CHAT]), V.AMBIGUOUS),
    Answer("yes without a message", 200, '{"code":0,"msg":"success"}', V.AMBIGUOUS),
    Answer("yes with a number for a message", 200, _yes(message_id=1), V.AMBIGUOUS),
    Answer("yes with an empty message id", 200, _yes(message_id=""), V.AMBIGUOUS),
    Answer("yes with a list for data", 200, '{"code":0,"data":[]}', V.AMBIGUOUS),
    Answer("yes in a 400", 400, _yes(), V.AMBIGUOUS),
    Answer("yes in a 502", 502, _yes(), V.AMBIGUOUS),
    replace(_code(230020, "This operation triggers the frequency limit, ext=chat rate limit", V.THROTTLED), wait_s=1),
    *(_code(code, "Access denied", V.CREDENTIAL_REFUSED) for code in RIGHTS),
    _code(230002, "Bot/User can NOT be out of the chat.", V.TARGET_GONE),
    _code(230013, "Bot has NO availability to this user.", V.TARGET_GONE),
    _code(230018, "These operations are NOT allowed at current group settings.", V.TARGET_GONE),
    _code(230029, "The user has resigned.", V.TARGET_GONE),
    _code(230034, "The receive_id is invalid.", V.TARGET_GONE),
    _code(230035, "Send Message Permission deny.", V.TARGET_GONE),
    _code(230038, "Cross tenant p2p chat operate forbid.", V.TARGET_GONE),
    _code(230045, "The chat not exist.", V.TARGET_GONE),
    _code(230046, "No Permission to Pin/Unpin messages in the chat.", V.TARGET_GONE),
    replace(_code(230047, "Pin/Unpin message trigger message_id limit.", V.THROTTLED), wait_s=1),
    _code(230053, "The user has stopped the bot from sending messages.", V.TARGET_GONE),
    _code(232009, "Your request specifies a chat which has already been dissolved.", V.TARGET_GONE),
    _code(230001, "Your request contains an invalid request parameter, ext=invalid receive_id.", V.TARGET_GONE),
    _code(230001, "Your request contains an invalid request parameter."),
    _code(9499, "Bad Request"),
    _code(230022, "The content of the message contains sensitive information."),
    _code(230025, "The length of the message content reaches its limit."),
    _code(230028, "The messages do NOT pass the audit."),
    _code(230049, "The message is being sent.", V.AMBIGUOUS),
    *REFUSED,
)
RECALLS = (
    Answer("taken back", 200, '{"code":0,"msg":"success","data":{}}', V.SENT),
    _code(230110, "The message has been recalled or deleted.", V.SENT),
    _code(230011, "The message was recalled.", V.SENT),
    Answer("yes in a 502", 502, '{"code":0}', V.AMBIGUOUS),
    replace(_code(230020, "frequency limit", V.THROTTLED), wait_s=1),
    _code(230001, "invalid message_id"),
    _code(230009, "Message can only be recalled within one days."),
    _code(230026, "No permission to recall this message."),
    _code(230050, "The message is invisible to the operator."),
    _code(230054, "This operation is not supported for this message type."),
    _code(230002, "The bot can not be outside the group.", V.TARGET_GONE),
    _code(232009, "dissolved", V.TARGET_GONE),
    *(_code(code, "One of the following scopes is required: [im:message:recall]") for code in RIGHTS),
    *REFUSED,
)

BENCH = Bench(FeishuApp(InHand()), CHAT, SECRET, ANSWERS, ANSWERS[0])


async def _heard(post: Post, row: Answer = ANSWERS[0]) -> Platform:
    async with platform(row.act) as there:
        http = HttpClient(Guard(there.hosts))
        await FeishuApp(InHand()).post(replace(post, base_url=there.base + "/"), http)
        await http.close()
    return there


async def test_the_words_are_sent_as_text_with_a_key() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/open-apis/im/v1/messages?receive_id_type=chat_id")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.json == {
        "receive_id": CHAT,
        "msg_type": "text",
        "content": '{"text": "集合：周六 9 点 🎉 <b>&amp;"}',
        "uuid": "dlv_0001",
    }


async def test_a_person_is_written_to_by_open_id() -> None:
    there = await _heard(Post("k", "hi", T0, PERSON, SECRET, mention_all=True))
    assert there.heard[0].path.endswith("?receive_id_type=open_id")
    assert json.loads(str(there.heard[0].json["content"])) == {"text": "hi"}


async def test_everyone_is_called_only_where_that_is_wanted() -> None:
    text = 'read <at user_id="ou_1">x</at>'
    for mention_all, begins in ((True, '<at user_id="all">所有人</at> read <\u200bat'), (False, "read <\u200bat")):
        there = await _heard(Post("k", text, T0, CHAT, SECRET, mention_all=mention_all))
        assert json.loads(str(there.heard[0].json["content"]))["text"].startswith(begins)


@pytest.mark.parametrize("character", ['"', "\n", "\\", "x"])
async def test_the_longest_text_fits_whatever_it_holds(character: str) -> None:
    there = await _heard(Post("k", character * FeishuApp.size.most, T0, CHAT, SECRET))
    assert len(there.heard[0].body) <= 150_000
    there = await _heard(Post("k", "", T0, CHAT, SECRET, marked=character * FeishuApp.marked_size.most))
    assert len(there.heard[0].body) <= 30_000


@pytest.mark.parametrize("row", RECALLS, ids=str)
async def test_a_recall_is_understood(row: Answer) -> None:
    channel = FeishuApp(InHand())
    assert isinstance(channel, Recalls)
    async with platform(row.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await channel.recall(Posted("om_1/../x", T0, CHAT, SECRET, there.base), http)
        await http.close()
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("DELETE", "/open-apis/im/v1/messages/om_1%2F..%2Fx")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.body == b""
    assert as_expected(outcome, row), outcome
    assert holds_no_secret(outcome, BENCH)
    assert "posted" not in outcome.detail


CHECKS = (
    (200, '{"code":0,"msg":"ok","tenant_access_token":"t-1","expire":7200}', True),
    (400, '{"code":10003,"msg":"invalid param"}', False),
    (400, '{"code":10014,"msg":"app secret invalid"}', False),
    (200, '{"code":10014,"msg":"app secret invalid"}', False),
    (200, '{"code":99991543,"msg":"app_id or app_secret is invalid"}', False),
    (200, '{"code":99991662,"msg":"app not in use"}', False),
    (400, '{"code":99991673,"msg":"app status unavailable"}', False),
    (429, GATEWAY, None),
    (200, '{"code":0,"msg":"ok"}', None),
    (200, '{"code":0,"msg":"ok","tenant_access_token":"two words","expire":7200}', None),
    (200, '{"code":"0","tenant_access_token":"t-1","expire":7200}', None),
    (404, '{"code":0,"tenant_access_token":"t-1","expire":7200}', None),
    (200, "<html>", None),
    (302, "", None),
    (500, "", None),
    (400, f'{{"code":1,"msg":"{CANARY}"}}', None),
)


@pytest.mark.parametrize(("status", "body", "works"), CHECKS)
async def test_a_check_asks_for_a_token_and_posts_nothing(status: int, body: str, works: bool | None) -> None:
    channel = FeishuApp()
    assert isinstance(channel, Checks)
    async with platform(Answer("", status, body, V.SENT).act) as there:
        http = HttpClient(Guard(there.hosts))
        checked = await channel.check(Credential(T0, SECRET, there.base), http)
        await http.close()
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/open-apis/auth/v3/tenant_access_token/internal")
    assert heard.json == SECRET
    assert checked.works is works
    assert checked.detail.endswith(".")
    assert CANARY not in repr(checked)


async def test_without_a_secret_nothing_is_said() -> None:
    async with platform(ANSWERS[0].act) as there:
        http = HttpClient(Guard(there.hosts))
        for secret in ({}, {"app_id": "cli_1"}, {"app_secret": "x"}):
            outcome = await FeishuApp().post(Post("k", "hi", T0, CHAT, secret, there.base), http)
            assert outcome.verdict is V.CREDENTIAL_REFUSED
            assert (await FeishuApp().check(Credential(T0, secret, there.base), http)).works is False
        await http.close()
    assert there.connections == 0


@pytest.mark.parametrize("address", [CHAT, PERSON, "oc_practice-1"])
def test_an_address_is_a_chat_or_a_person(address: str) -> None:
    assert FeishuApp().address_problem(address) is None


@pytest.mark.parametrize(
    "address", ["", "oc_", "on_8ed6aa67826108097d9ee143816345", "oc_1 2345", "oc_一二三四五", "all", "x" * 9]
)
def test_anything_else_is_explained(address: str) -> None:
    problem = FeishuApp().address_problem(address)
    assert problem is not None
    assert "oc_" in problem
