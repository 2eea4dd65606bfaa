"""What Feishu (飞书) and Lark tell by themselves: event callbacks, proven by the app's verification token or, sealed
and signed, by its encrypt key."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence

from app.channels.adapters.callbacks import fresh, json_body, mapping, moment, opened, same, word
from app.channels.inbound import Call, Hearing, Matter, Refusal, Told

_MATTERS = {
    "im.chat.member.bot.added_v1": Matter.BACK,
    "im.chat.member.bot.deleted_v1": Matter.GONE,
    "im.chat.disbanded_v1": Matter.GONE,
}


def told(call: Call) -> Hearing | Refusal:
    """With an encrypt key every request is sealed, and all but the challenge are signed; with a verification token
    every request repeats it. What the account holds must all be right."""
    key, token = call.secret.get("encrypt_key", ""), call.secret.get("verification_token", "")
    if not key and not token:
        return Refusal("the account has neither encrypt_key nor verification_token")
    said = _unsealed(key, call.body) if key else json_body(call.body)
    if call.method != "POST" or not said:
        return Refusal("the body is not sealed with the encrypt key" if key else "the body is not JSON")
    given = word(mapping(said.get("header")).get("token")) or word(said.get("token"))
    if token and not same(given, token):
        return Refusal("the verification token is missing or wrong")
    if said.get("type") == "url_verification":
        answer = json.dumps({"challenge": word(said.get("challenge"))})
        return Hearing(answer=answer, media_type="application/json")
    if key and (because := _unsigned(call, key)):
        return Refusal(because)
    return Hearing(_events(mapping(said.get("header")), mapping(said.get("event"))))


def _unsealed(key: str, body: bytes) -> Mapping[str, object]:
    """AES-256-CBC under the key's SHA-256, the first block being the vector; nothing for what was not sealed so."""
    try:
        sealed = base64.b64decode(word(json_body(body).get("encrypt")), validate=True)
    except (binascii.Error, ValueError):
        return {}
    plain = opened(hashlib.sha256(key.encode()).digest(), sealed[:16], sealed[16:], block=16) if sealed[16:] else None
    return json_body(plain) if plain is not None else {}


def _unsigned(call: Call, key: str) -> str:
    """Why the signature does not hold, or nothing."""
    stamp, nonce = (call.headers.get(f"x-lark-request-{name}", "") for name in ("timestamp", "nonce"))
    base = f"{stamp}{nonce}{key}".encode(errors="replace") + call.body
    if not same(call.headers.get("x-lark-signature", ""), hashlib.sha256(base).hexdigest()):
        return "the signature is missing or wrong"
    return "" if fresh(stamp, call.at) else "the request is too old or from the future"


def _events(header: Mapping[str, object], event: Mapping[str, object]) -> Sequence[Told]:
    kind, number = word(header.get("event_type")), word(header.get("event_id"))
    at = moment(header.get("create_time"), unit=1000)
    chat = word(event.get("chat_id"))
    if kind in _MATTERS and chat:
        return [Told(_MATTERS[kind], number, (chat,), code=kind, at=at)]
    if kind == "im.message.receive_v1":
        return _message(number, event)
    if kind == "im.message.message_read_v1":
        reader = mapping(event.get("reader"))
        person, read_at = _open_id(reader.get("reader_id")), moment(reader.get("read_time"), unit=1000)
        found = event.get("message_id_list")
        ids = [word(one) for one in found] if isinstance(found, list) else []
        return [
            Told(Matter.READ, f"{number}:{one}", person=person, message_id=one, at=read_at) for one in ids[:100] if one
        ]
    return ()


def _message(number: str, event: Mapping[str, object]) -> Sequence[Told]:
    message, sender = mapping(event.get("message")), mapping(event.get("sender"))
    chat = word(message.get("chat_id"))
    if not chat or word(sender.get("sender_type")) not in {"", "user"}:
        return ()
    return [
        Told(
            Matter.SAID,
            number,
            (chat,),
            person=_open_id(sender.get("sender_id")),
            text=word(json_body(word(message.get("content"))).get("text")),
            message_id=word(message.get("message_id")),
            reply_to=word(message.get("parent_id")),
            at=moment(message.get("create_time"), unit=1000),
        )
    ]


def _open_id(ids: object) -> str:
    return word(mapping(ids).get("open_id"))
