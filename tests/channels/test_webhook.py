"""The generic webhook: the signatures of the standard, and what each status means."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Signer
from standardwebhooks.webhooks import WebhookVerificationError

from app.channels.adapters.webhook import Webhook
from app.channels.port import Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import Heard, answer, platform
from tests.conftest import T0

V = Verdict
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

ANSWERS = (
    Answer("200", 200, '{"whatever":1}', V.SENT),
    Answer("201", 201, "<html>fine</html>", V.SENT),
    Answer("202", 202, "", V.SENT),
    Answer("204", 204, "", V.SENT),
    Answer("400", 400, "", V.CONTENT_REFUSED),
    Answer("413", 413, "", V.CONTENT_REFUSED),
    Answer("422", 422, '{"ok":true}', V.CONTENT_REFUSED),
    Answer("401", 401, "", V.TARGET_GONE),
    Answer("403", 403, "", V.TARGET_GONE),
    Answer("404", 404, "", V.TARGET_GONE),
    Answer("405", 405, "", V.TARGET_GONE),
    Answer("410", 410, "", V.TARGET_GONE),
    Answer("a redirect", 302, "", V.TARGET_GONE, {"Location": "https://example.org/"}),
    Answer("not modified", 304, "", V.TARGET_GONE),
    Answer("408", 408, "", V.AMBIGUOUS),
    Answer("425", 425, "", V.AMBIGUOUS),
    Answer("429", 429, "", V.THROTTLED, wait_s=30),
    Answer("429 and when", 429, "", V.THROTTLED, {"Retry-After": "120"}, wait_s=120),
    Answer("429 and a fraction", 429, "", V.THROTTLED, {"Retry-After": "0.25"}, wait_s=1),
    Answer("429 and a negative", 429, "", V.THROTTLED, {"Retry-After": "-5"}, wait_s=1),
    Answer("429 and a date", 429, "", V.THROTTLED, {"Retry-After": "Mon, 02 Mar 2026 09:01:30 GMT"}, wait_s=90),
    Answer("429 and a past date", 429, "", V.THROTTLED, {"Retry-After": "Mon, 02 Mar 2020 09:01:30 GMT"}, wait_s=1),
    Answer(
        "429 and a date far off", 429, "", V.THROTTLED, {"Retry-After": "Mon, 02 Mar 9999 09:01:30 GMT"}, wait_s=3600
    ),
    Answer("429 and a word", 429, "", V.THROTTLED, {"Retry-After": "soon"}, wait_s=30),
    Answer("429 and nan", 429, "", V.THROTTLED, {"Retry-After": "nan"}, wait_s=30),
    Answer("429 and infinity", 429, "", V.THROTTLED, {"Retry-After": "inf"}, wait_s=3600),
    Answer("429 and 5000 digits", 429, "", V.THROTTLED, {"Retry-After": "9" * 5000}, wait_s=30),
    Answer("503 and when", 503, "", V.THROTTLED, {"Retry-After": "20"}, wait_s=20),
    Answer("503", 503, "", V.AMBIGUOUS),
    Answer("500", 500, CANARY, V.AMBIGUOUS),
    Answer("502", 502, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("504", 504, "", V.AMBIGUOUS),
    Answer("504 and when", 504, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("599", 599, "", V.AMBIGUOUS),
)

BENCH = Bench(Webhook(), f"{{base}}/hooks/{CANARY}?token={CANARY}", {"signing_secret": SECRET}, ANSWERS, ANSWERS[0])

VECTORS = [
    (SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}',
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    (SECRET, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1674087231,
     ('{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",'
      '"data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'),
     "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ="),
    ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "msg_0001", 1795334400,
     '{"type":"announcement.created","timestamp":"2026-11-22T08:00:00Z","data":{"text":"你好"}}',
     "v1,BWJVlZrKU7XfWrS6MMR6JxchcbqqygXNl70ey6oIWHg="),
]  # fmt: skip


@pytest.mark.parametrize(("secret", "key", "at", "body", "signature"), VECTORS)
def test_the_signer_agrees_with_the_standards_vectors(
    secret: str, key: str, at: int, body: str, signature: str
) -> None:
    assert Signer(secret).sign(key, datetime.fromtimestamp(at, UTC), body) == signature


def _signed_by(secret: str, heard: Heard) -> bool:
    content = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return heard.headers.get("webhook-signature") == f"v1,{expected}"


async def _heard(secret: dict[str, str], text: str = "你好") -> Heard:
    async with platform(answer(200, {}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        post = Post("dlv_1", text, T0, f"{there.base}/in", secret)
        outcome = await Webhook().post(post, http)
        await http.close()
    assert outcome.verdict is V.SENT
    return there.heard[0]


async def test_exactly_the_bytes_that_were_sent_are_signed() -> None:
    heard = await _heard({"signing_secret": SECRET})
    assert _signed_by(SECRET, heard)
    assert heard.headers["webhook-id"] == "dlv_1"
    assert heard.headers["webhook-timestamp"] == str(int(T0.timestamp()))
    assert heard.headers["content-type"] == "application/json"
    assert heard.json == {"type": "muster.announcement", "timestamp": "2026-03-02T09:00:00Z", "data": {"text": "你好"}}
    assert "你好".encode() in heard.body


@pytest.mark.parametrize("text", ["你好", "a\ud800b", '"\\\n\u2028 🎉', ""])
async def test_the_reference_receiver_takes_the_signature(text: str) -> None:
    now = datetime.now(UTC)
    async with platform(answer(200, {}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        await Webhook().post(Post("dlv_1", text, now, f"{there.base}/in", {"signing_secret": SECRET}), http)
        await http.close()
    (heard,) = there.heard
    said = Signer(SECRET).verify(heard.body, dict(heard.headers))
    assert said["data"]["text"] == text.replace("\ud800", "?")
    with pytest.raises(WebhookVerificationError):
        Signer(SECRET).verify(heard.body + b" ", dict(heard.headers))


async def test_every_try_has_its_own_time_and_the_same_id() -> None:
    async with platform(answer(500, {}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        for minutes in (0, 5):
            at = T0 + timedelta(minutes=minutes)
            await Webhook().post(Post("dlv_1", "x", at, f"{there.base}/in", {"signing_secret": SECRET}), http)
        await http.close()
    first, second = [heard.headers for heard in there.heard]
    assert first["webhook-id"] == second["webhook-id"] == "dlv_1"
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 300
    assert first["webhook-signature"] != second["webhook-signature"]


async def test_a_groups_own_secret_wins_over_the_accounts() -> None:
    own = VECTORS[2][0]
    assert _signed_by(str(own), await _heard({"signing_secret": SECRET, "secret": str(own)}))


async def test_without_a_secret_the_key_still_goes_along() -> None:
    heard = await _heard({})
    assert "webhook-signature" not in heard.headers
    assert heard.headers["webhook-id"] == "dlv_1"


async def test_a_text_that_is_no_unicode_cannot_break_the_adapter() -> None:
    assert json.loads((await _heard({}, "a\ud800b")).body)["data"]["text"] == "a?b"


@pytest.mark.parametrize(
    ("secret", "verdict"),
    [
        ({"signing_secret": "whsec_!"}, V.CREDENTIAL_REFUSED),
        ({"signing_secret": "whsec_"}, V.CREDENTIAL_REFUSED),
        ({"signing_secret": "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, V.CREDENTIAL_REFUSED),
        ({"signing_secret": SECRET + "§"}, V.CREDENTIAL_REFUSED),
        ({"signing_secret": SECRET + "\n"}, V.CREDENTIAL_REFUSED),
        ({"signing_secret": SECRET, "secret": "whsec_!"}, V.TARGET_GONE),
    ],
)
async def test_a_broken_secret_says_nothing_unsigned(secret: dict[str, str], verdict: Verdict) -> None:
    async with platform(answer(200, {}, b"")) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await Webhook().post(Post("k", "hi", T0, f"{there.base}/in", secret), http)
        await http.close()
    assert outcome.verdict is verdict
    assert there.connections == 0


@pytest.mark.parametrize("address", ["https://example.org/in?x=1", "http://127.0.0.1:9000/hooks/a"])
def test_a_webhook_is_a_whole_url(address: str) -> None:
    assert Webhook().address_problem(address) is None


@pytest.mark.parametrize(
    "address", ["", "example.org/in", "ftp://example.org", "https://", "https://[x", "https://a:0/"]
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Webhook().address_problem(address)
    assert problem is not None
    assert "whole URL" in problem
