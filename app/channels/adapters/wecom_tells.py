"""What WeCom (企业微信) tells an app by itself: XML, sealed and signed with the callback's token and key. A GET proves
the address and changes nothing."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from xml.etree import ElementTree as Xml

from app.channels.adapters.callbacks import fresh, moment, opened, same
from app.channels.inbound import Call, Hearing, Matter, Refusal, Told

_SEALED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]{24,1000000})(?:\]\]>)?\s*</Encrypt>")
_KEY = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
_MESSAGES = {"text", "image", "voice", "video", "file", "location", "link"}


def told(call: Call) -> Hearing | Refusal:
    token, key = call.secret.get("callback_token", ""), call.secret.get("encoding_aes_key", "")
    if not token or not _KEY.fullmatch(key):
        return Refusal("the account has no callback_token, or no encoding_aes_key of 43 letters and digits")
    sealed = call.query.get("echostr", "") if call.method == "GET" else _sealed(call.body)
    stamp, nonce = call.query.get("timestamp", ""), call.query.get("nonce", "")
    wanted = hashlib.sha1("".join(sorted((token, stamp, nonce, sealed))).encode(errors="replace")).hexdigest()  # noqa: S324  WeCom's own choice
    if call.method not in {"GET", "POST"} or not sealed or not same(call.query.get("msg_signature", ""), wanted):
        return Refusal("the signature is missing or wrong")
    if not fresh(stamp, call.at):
        return Refusal("the request is too old or from the future")
    plain = _unsealed(key, sealed, receiver=call.secret.get("corp_id", ""))
    if plain is None:
        return Refusal("the body is not sealed with the account's key, or for another company")
    if call.method == "GET":
        return Hearing(answer=plain.decode(errors="replace"))
    found = _event(_fields(plain))
    return Hearing([found] if found else ())


def _sealed(body: bytes) -> str:
    """The envelope's one word that matters; the rest of it is not signed and is not read."""
    found = _SEALED.search(body)
    return found[1].decode() if found else ""


def _unsealed(key: str, sealed: str, *, receiver: str) -> bytes | None:
    """Sixteen bytes of chance, four of length, the message, whom it is for; padded to blocks of 32."""
    try:
        secret, body = base64.b64decode(f"{key}="), base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        return None
    plain = opened(secret, secret[:16], body, block=32)
    if plain is None or len(plain) < 20:
        return None
    end = 20 + int.from_bytes(plain[16:20])
    meant = same(plain[end:].decode(errors="replace"), receiver)
    return plain[20:end] if end <= len(plain) and meant else None


def _fields(plain: bytes) -> Mapping[str, str]:
    """The fields of a flat XML message. Only what WeCom has signed is parsed, and never one with a DTD."""
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        return {}
    try:
        root = Xml.fromstring(plain)  # noqa: S314  signed with the account's own token, and without entities
    except (Xml.ParseError, ValueError):
        return {}
    return {field.tag: field.text or "" for field in root}


def _event(fields: Mapping[str, str]) -> Told | None:
    """What a member wrote to the app. Events carry no number: who and when stand for it, as WeCom's page advises."""
    person, at = fields.get("FromUserName", ""), moment(fields.get("CreateTime", ""))
    if fields.get("MsgType") not in _MESSAGES or not person:
        return None
    number = fields.get("MsgId", "") or f"{person}:{fields.get('CreateTime', '')}"
    text = fields.get("Content", "")
    return Told(Matter.SAID, number, (person,), person=person, text=text, message_id=fields.get("MsgId", ""), at=at)
