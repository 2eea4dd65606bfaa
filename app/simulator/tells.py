"""What practice platforms tell by themselves: on command, a callback as the platform makes and signs it."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Annotated, Literal
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import BaseModel, ConfigDict, Field

_NUMBERS = count(10_001)


class Tell(BaseModel):
    """One thing to tell about the chat `target`, for an account with this `secret`. `number` names the event (a new
    one each time without it), `at` is its Unix time. `forged` signs with another secret, `doubly` adds a second
    signature that is nonsense (the generic webhook alone signs in lists). With `url` it is sent there, `times` times;
    without, it is only answered, to be looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: Literal["telegram", "slack", "feishu", "wecom", "webhook", "matrix"]
    what: Literal["removed", "added", "moved", "said", "delivered", "failed", "read", "hello"]
    secret: dict[str, str]
    target: str = ""
    moved_to: str = ""
    person: str = ""
    text: str = ""
    delivery: str = ""
    number: Annotated[int, Field(ge=1)] | None = None
    at: float | None = None
    forged: bool = False
    doubly: bool = False
    url: Annotated[str, Field(pattern=r"^http://(127\.0\.0\.1|localhost)(:\d+)?/")] | None = None
    times: Annotated[int, Field(ge=1, le=1_000)] = 1


class Made(BaseModel):
    """The request as it goes out; `path` comes after the address it is sent to."""

    method: str = "POST"
    path: str = ""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: str = ""


def made(tell: Tell) -> Made | None:
    """The request, or None for what this platform does not tell."""
    number = tell.number or next(_NUMBERS)
    at = int(tell.at if tell.at is not None else time.time())
    return _PLATFORMS[tell.platform](tell, number, at)


def _secret(tell: Tell, name: str) -> str:
    held = tell.secret.get(name, "")
    return held[:-1] + ("A" if held[-1:] != "A" else "B") if tell.forged else held


def _telegram(tell: Tell, number: int, at: int) -> Made | None:
    chat = {"id": int(tell.target or 0), "type": "supergroup", "title": "practice"}
    message: dict[str, object] = {"message_id": number, "date": at, "chat": chat}
    update: dict[str, object] = {"update_id": number}
    if tell.what in {"removed", "added"}:
        status = "kicked" if tell.what == "removed" else "member"
        bot = {"id": 42, "is_bot": True, "first_name": "Practice"}
        standing = {"user": bot, "status": status}
        update["my_chat_member"] = {"chat": chat, "from": {"id": 1}, "date": at, "new_chat_member": standing}
    elif tell.what == "moved":
        update["message"] = {**message, "migrate_to_chat_id": int(tell.moved_to)}
    elif tell.what == "said":
        update["message"] = {**message, "from": {"id": int(tell.person), "is_bot": False}, "text": tell.text}
    else:
        return None
    token = _secret(tell, "webhook_secret")
    return Made(headers={"X-Telegram-Bot-Api-Secret-Token": token, **_JSON}, body=json.dumps(update))


def _slack(tell: Tell, number: int, at: int) -> Made | None:
    events: dict[str, dict[str, object]] = {
        "removed": {"type": "channel_left", "channel": tell.target},
        "added": {"type": "member_joined_channel", "channel": tell.target, "user": "UPRACTICE"},
        "moved": {"type": "channel_id_changed", "old_channel_id": tell.target, "new_channel_id": tell.moved_to},
        "said": {"type": "message", "channel": tell.target, "user": tell.person, "text": tell.text, "ts": f"{at}.0"},
    }
    said: dict[str, object] = {"type": "url_verification", "challenge": f"challenge-{number}"}
    if tell.what != "hello":
        if tell.what not in events:
            return None
        own = [{"user_id": "UPRACTICE", "is_bot": True}]
        event = {**events[tell.what], "event_ts": f"{at}.0"}
        said = {"type": "event_callback", "event_id": f"Ev{number}", "authorizations": own, "event": event}
    body = json.dumps(said)
    signature = _hmac(_secret(tell, "signing_secret").encode(), f"v0:{at}:{body}").hex()
    stamps = {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={signature}"}
    return Made(headers={**stamps, **_JSON}, body=body)


def _feishu(tell: Tell, number: int, at: int) -> Made | None:
    token, key = tell.secret.get("verification_token", ""), _secret(tell, "encrypt_key")
    kinds = {"removed": "im.chat.member.bot.deleted_v1", "added": "im.chat.member.bot.added_v1"}
    event: dict[str, object] = {"chat_id": tell.target}
    if tell.what == "said":
        text = json.dumps({"text": tell.text}, ensure_ascii=False)
        message = {"message_id": f"om_{number}", "chat_id": tell.target, "content": text, "create_time": f"{at}000"}
        event = {"sender": {"sender_id": {"open_id": tell.person}, "sender_type": "user"}, "message": message}
    kind = "im.message.receive_v1" if tell.what == "said" else kinds.get(tell.what)
    header = {"event_id": f"e{number}", "event_type": kind, "create_time": f"{at}000", "token": token}
    said: dict[str, object] = {"schema": "2.0", "header": header, "event": event}
    if tell.what == "hello":
        said = {"type": "url_verification", "token": token, "challenge": f"challenge-{number}"}
    elif kind is None:
        return None
    if not key:
        return Made(headers=dict(_JSON), body=json.dumps(said))
    vector = secrets.token_bytes(16)
    sealed = vector + _sealed(hashlib.sha256(key.encode()).digest(), vector, json.dumps(said).encode(), bits=128)
    body = json.dumps({"encrypt": base64.b64encode(sealed).decode()})
    nonce = secrets.token_hex(4)
    stamps = {"X-Lark-Request-Timestamp": str(at), "X-Lark-Request-Nonce": nonce}
    signature = hashlib.sha256(f"{at}{nonce}{key}{body}".encode()).hexdigest()
    return Made(headers={**stamps, "X-Lark-Signature": signature, **_JSON}, body=body)


def _wecom(tell: Tell, number: int, at: int) -> Made | None:
    plain = str(number)
    if tell.what == "said":
        text = f"<MsgType>text</MsgType><Content>{escape(tell.text)}</Content><MsgId>{number}</MsgId>"
        plain = f"<xml><FromUserName>{escape(tell.person)}</FromUserName><CreateTime>{at}</CreateTime>{text}</xml>"
    elif tell.what != "hello":
        return None
    key, said = base64.b64decode(tell.secret["encoding_aes_key"] + "="), plain.encode()
    message = secrets.token_bytes(16) + len(said).to_bytes(4) + said + tell.secret["corp_id"].encode()
    sealed = base64.b64encode(_sealed(key, key[:16], message, bits=256)).decode()
    nonce, token = secrets.token_hex(4), _secret(tell, "callback_token")
    signature = hashlib.sha1("".join(sorted((token, str(at), nonce, sealed))).encode()).hexdigest()  # noqa: S324  WeCom's
    query = {"msg_signature": signature, "timestamp": str(at), "nonce": nonce}
    if tell.what == "hello":
        return Made(method="GET", query={**query, "echostr": sealed})
    return Made(query=query, body=f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>")


def _webhook(tell: Tell, number: int, at: int) -> Made | None:
    kinds = {"removed": "group.gone", "added": "group.back", "said": "message.received"}
    kinds |= {what: f"delivery.{what}" for what in ("delivered", "failed", "read")}
    if tell.what not in kinds:
        return None
    facts = {"address": tell.target, "delivery": tell.delivery, "person": tell.person, "text": tell.text}
    said = {"type": kinds[tell.what], "data": {name: fact for name, fact in facts.items() if fact}}
    body, name = json.dumps(said), f"msg_{number}"
    key = base64.b64decode(_secret(tell, "signing_secret").removeprefix("whsec_"))
    signature = f"v1,{base64.b64encode(_hmac(key, f'{name}.{at}.{body}')).decode()}"
    stamps = {"webhook-id": name, "webhook-timestamp": str(at)}
    given = f"v1,bm9uc2Vuc2U= {signature}" if tell.doubly else signature
    return Made(headers={**stamps, "webhook-signature": given, **_JSON}, body=body)


def _matrix(tell: Tell, number: int, at: int) -> Made | None:
    """A transaction of one event, as a homeserver brings it to an application service."""
    user = tell.secret.get("user_id", "")
    member = {"type": "m.room.member", "state_key": user, "sender": tell.person}
    message: dict[str, object] = {
        "type": "m.room.message",
        "sender": tell.person,
        "content": {"msgtype": "m.text", "body": tell.text},
    }
    moved = {"type": "m.room.tombstone", "state_key": "", "content": {"replacement_room": tell.moved_to}}
    events: dict[str, dict[str, object]] = {
        "removed": {**member, "content": {"membership": "leave"}},
        "added": {**member, "content": {"membership": "join"}},
        "moved": {**moved, "sender": tell.person},
        "said": message,
    }
    if tell.what not in events:
        return None
    event = {**events[tell.what], "event_id": f"$e{number}", "room_id": tell.target, "origin_server_ts": at * 1000}
    headers = {"Authorization": f"Bearer {_secret(tell, 'hs_token')}", **_JSON}
    path = f"/_matrix/app/v1/transactions/{number}"
    return Made(method="PUT", path=path, headers=headers, body=json.dumps({"events": [event]}))


_JSON = {"Content-Type": "application/json"}
_PLATFORMS: Mapping[str, Callable[[Tell, int, int], Made | None]] = {
    "telegram": _telegram,
    "slack": _slack,
    "feishu": _feishu,
    "wecom": _wecom,
    "webhook": _webhook,
    "matrix": _matrix,
}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _sealed(key: bytes, vector: bytes, plain: bytes, *, bits: int) -> bytes:
    pad = padding.PKCS7(bits).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return cipher.update(pad.update(plain) + pad.finalize()) + cipher.finalize()
