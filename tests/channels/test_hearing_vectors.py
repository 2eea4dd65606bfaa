"""The vectors that the platforms' own pages and samples print for callbacks."""

import base64
import hashlib
from datetime import UTC, datetime

from app.channels.adapters.callbacks import opened
from app.channels.adapters.slack_app import SlackApp
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom_app import WeComApp
from app.channels.inbound import Call, Hearing, Matter, Refusal

SLASH = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    "803a0bc887a14d10d2c447fce8b6703c"
)
ECHO = "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA=="
HELLO = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUk"
    "SUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekU"
    "NXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rU"
    "PA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+"
    "qN+E7Q=="
)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_slack_signs_as_its_page_prints() -> None:
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    headers = {"x-slack-request-timestamp": "1531420618", "x-slack-signature": signature}
    secret = {"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"}
    call = Call(_at(1531420618), "POST", {}, headers, SLASH.encode(), secret)
    assert SlackApp().hear(call) == Hearing()
    assert isinstance(
        SlackApp().hear(Call(_at(1531420618), "POST", {}, headers, SLASH.encode() + b"&", secret)), Refusal
    )


def test_wecom_proves_an_address_as_its_sample_does() -> None:
    query = {
        "msg_signature": "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb",
        "timestamp": "1476416373",
        "nonce": "47744683",
        "echostr": ECHO,
    }
    secret = {
        "corp_id": "ww1436e0e65a779aee",
        "callback_token": "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
        "encoding_aes_key": "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
    }
    assert WeComApp().hear(Call(_at(1476416373), "GET", query, {}, b"", secret)) == Hearing(
        answer="1288432023552776189"
    )


def test_wecom_seals_a_message_as_its_page_prints() -> None:
    query = {
        "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
        "timestamp": "1409659813",
        "nonce": "1372623149",
    }
    secret = {
        "corp_id": "wx5823bf96d3bd56c7",
        "callback_token": "QDG6eK",
        "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    }
    body = f"<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><Encrypt><![CDATA[{HELLO}]]></Encrypt></xml>"
    heard = WeComApp().hear(Call(_at(1409659813), "POST", query, {}, body.encode(), secret))
    assert isinstance(heard, Hearing)
    [told] = heard.told
    assert (told.matter, told.event_id, told.person, told.text) == (
        Matter.SAID,
        "4561255354251345929",
        "mycreate",
        "hello",
    )


def test_feishu_seals_as_its_page_prints() -> None:
    sealed = base64.b64decode("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=")
    key = hashlib.sha256(b"test key").digest()
    assert opened(key, sealed[:16], sealed[16:], block=16) == b"hello world"


def test_a_standard_webhook_is_signed_as_the_official_suites_print() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = {"signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    call = Call(_at(1614265330), "POST", {}, headers, b'{"test": 2432232314}', secret)
    assert Webhook().hear(call) == Hearing()
