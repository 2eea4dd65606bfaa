"""What the one harness of callbacks needs: a channel, its secrets, requests as its platform makes them, and what each
has to mean."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.channels.inbound import Call, Hears, Told
from tests.channels.harness import CANARY
from tests.conftest import T0

STAMP = int(T0.timestamp())
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AES = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
IV = b"sixteen bytes iv"


@dataclass(frozen=True)
class Case:
    """One request, and what it tells."""

    name: str
    channel: Hears
    call: Call
    told: tuple[Told, ...] = ()
    answer: str = ""
    signed_at: datetime | None = field(default=T0)
    """None where the platform stamps nothing."""

    def __str__(self) -> str:
        return f"{type(self.channel).__name__}: {self.name}"


def at(seconds: float = STAMP) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def with_header(call: Call, name: str, value: str) -> Call:
    return replace(call, headers={**call.headers, name: value})


def later(call: Call, **by: float) -> Call:
    return replace(call, at=call.at + timedelta(**by))


def telegram(update: object, token: str = CANARY) -> Call:
    headers = {"x-telegram-bot-api-secret-token": token}
    secret = {"bot_token": "42:abc", "webhook_secret": CANARY}
    return Call(T0, "POST", {}, headers, json.dumps(update).encode(), secret)


def slack(said: object, *, stamp: int = STAMP, secret: str = CANARY) -> Call:
    body = json.dumps(said).encode()
    signature = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
    headers = {"x-slack-request-timestamp": str(stamp), "x-slack-signature": f"v0={signature}"}
    return Call(T0, "POST", {}, headers, body, {"bot_token": "xoxb-1", "signing_secret": CANARY})


def feishu_plain(said: Mapping[str, object]) -> Call:
    return Call(T0, "POST", {}, {}, json.dumps(said).encode(), {"verification_token": CANARY})


def feishu_sealed(said: Mapping[str, object], *, key: str = CANARY, stamp: int = STAMP) -> Call:
    sealed = IV + _cbc(hashlib.sha256(key.encode()).digest(), IV, json.dumps(said).encode(), block=16)
    body = json.dumps({"encrypt": base64.b64encode(sealed).decode()}).encode()
    signature = hashlib.sha256(f"{stamp}n0nce{key}".encode() + body).hexdigest()
    names = {"timestamp": str(stamp), "nonce": "n0nce"}
    headers = {f"x-lark-request-{name}": value for name, value in names.items()} | {"x-lark-signature": signature}
    return Call(T0, "POST", {}, headers, body, {"encrypt_key": CANARY, "verification_token": "vt"})


def wecom(plain: str, *, method: str = "POST", receiver: str = "ww1436e0e65a779aee", stamp: int = STAMP) -> Call:
    key = base64.b64decode(f"{AES}=")
    said = plain.encode()
    message = IV + len(said).to_bytes(4) + said + receiver.encode()
    sealed = base64.b64encode(_cbc(key, key[:16], message, block=32)).decode()
    parts = sorted((CANARY, str(stamp), "n0nce", sealed))
    query = {
        "msg_signature": hashlib.sha1("".join(parts).encode()).hexdigest(),
        "timestamp": str(stamp),
        "nonce": "n0nce",
    }
    secret = {"corp_id": "ww1436e0e65a779aee", "callback_token": CANARY, "encoding_aes_key": AES}
    if method == "GET":
        return Call(T0, "GET", {**query, "echostr": sealed}, {}, b"", secret)
    envelope = f"<xml><ToUserName><![CDATA[ww]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    return Call(T0, "POST", query, {}, envelope.encode(), secret)


def webhook(said: object, *, stamp: int = STAMP, secret: str = WHSEC) -> Call:
    body = json.dumps(said).encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"msg_1.{stamp}.".encode() + body, "sha256").digest()).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(stamp), "webhook-signature": f"v1,{signature}"}
    return Call(T0, "POST", {}, headers, body, {"signing_secret": WHSEC})


def matrix(*events: object) -> Call:
    headers = {"authorization": f"Bearer {CANARY}"}
    secret = {"access_token": "syt", "hs_token": CANARY, "user_id": "@muster:a.example"}
    return Call(T0, "PUT", {}, headers, json.dumps({"events": events}).encode(), secret)


def _cbc(key: bytes, iv: bytes, plain: bytes, *, block: int) -> bytes:
    pad = block - len(plain) % block
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()
