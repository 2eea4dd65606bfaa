"""WeCom (企业微信) group robot: one webhook, one group. Platform facts: platforms.md, section 1a."""

import base64
import hashlib
import re
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

from app.channels.adapters.answers import (
    json_object,
    off_the_page,
    quoted,
    retry_after,
    say,
    throttled,
    unforeseen,
    whole,
)
from app.channels.markup.robots import WECOM
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_BASE = "https://qyapi.weixin.qq.com"
_PATH = "/cgi-bin/webhook/send"
_BLOCK_S = 60.0  # a breach of a per-minute limit blocks for 60 s; there is no Retry-After

_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_CALL = re.compile(r"<@([^<>\s]*)>")  # calls a member; documented for markdown, so not trusted in a text either
_URL_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)

_CONTENT = {
    40008: "the kind of message is wrong",
    40033: "the text holds characters that are not allowed",
    40058: "a parameter is wrong",
    44001: "the file is empty",
    44004: "the text is empty",
    45002: "the text is too long",
}


class WeCom:
    """The key in the address is the only credential; the body of an HTTP 200 says whether it worked."""

    name = "wecom"
    platform = "wecom"
    hosts: tuple[str, ...] = ("qyapi.weixin.qq.com",)
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("wecom")
    size = Size(2048, Unit.BYTES)
    marked_size = size  # it takes 4,096 with markup [2+], but only a text without calls everyone
    beside_picture = 0
    calls_everyone: Literal[True] = True
    dialect = WECOM

    def address_problem(self, address: str) -> str | None:
        if "://" not in address:
            if _KEY.fullmatch(address):
                return None
        elif _is_webhook(address):
            return None
        return f"A WeCom address is the robot's webhook, {_BASE}{_PATH}?key=…, or its key alone."

    async def post(self, post: Post, http: Http) -> Outcome:
        url = post.address
        if "://" not in url:
            url = f"{(post.base_url or _BASE).rstrip('/')}{_PATH}?key={quote(url, safe='')}"
        reply = await say(http, Request(url, json=_message(post)))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _message(post: Post) -> dict[str, object]:
    """Markup and a call to everyone exclude each other; the call is what was asked for more plainly. A picture goes
    inside the message, with the MD5 of its bytes."""
    if post.picture is not None:
        content = post.picture.content
        proof = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {"msgtype": "image", "image": {"base64": base64.b64encode(content).decode(), "md5": proof}}
    if post.marked and not post.mention_all:
        return {"msgtype": "markdown", "markdown": {"content": _CALL.sub(r"(@\1)", post.marked)}}
    text: dict[str, object] = {"content": _CALL.sub(r"(@\1)", post.text)}
    if post.mention_all:
        text["mentioned_list"] = ["@all"]
    return {"msgtype": "text", "text": text}


def _is_webhook(address: str) -> bool:
    try:
        parts = urlsplit(address)
        keys = parse_qs(parts.query, max_num_fields=10).get("key", [])
    except ValueError:
        return False
    return (
        parts.scheme in {"https", "http"}  # http only reaches a host listed in MUSTER_ALLOWED_HOSTS
        and parts.path.endswith(_PATH)
        and len(keys) == 1
        and _URL_KEY.fullmatch(keys[0]) is not None
    )


def _understood(reply: Reply, post: Post) -> Outcome:
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    answer = json_object(reply)
    code = whole(answer.get("errcode")) if answer is not None else None
    if reply.status == 429:
        return throttled("429", retry_after(reply, now=post.at) or _BLOCK_S)
    if answer is None or code is None:
        return unforeseen(reply, "The answer is not one of WeCom's; the message may have been posted.")
    if code == 0 and reply.status >= 300:
        return unforeseen(reply, "WeCom said yes and no at once; the message may have been posted.")
    if code == 0:
        return Outcome(Verdict.SENT, "0", "WeCom took the message.")
    return _refused(code, str(answer.get("errmsg", "")), post)


def _refused(code: int, message: str, post: Post) -> Outcome:
    """What a code other than 0 means. The vendor may change its words, so only 93000, which has two meanings, is
    told apart by them."""
    words = quoted(message, post)
    if code == 45009:
        return throttled("45009", _BLOCK_S)
    if code in {-1, 45033}:
        return Outcome(Verdict.NOT_SENT, str(code), "WeCom is busy and did not post the message.")
    if code == 93000 and "content exceed max length" not in message:
        return Outcome(
            Verdict.TARGET_GONE, "93000", "This robot was removed from its group, or its address never existed."
        )
    if code in _CONTENT or code == 93000:
        reason = _CONTENT.get(code, "the text is too long")
        return Outcome(Verdict.CONTENT_REFUSED, str(code), f"WeCom will not take this message: {reason} ({words}).")
    if "wrong json format" in message:
        return Outcome(Verdict.CONTENT_REFUSED, str(code), f"WeCom could not read this message ({words}).")
    return Outcome(
        Verdict.AMBIGUOUS, str(code), f"WeCom answered with a code that no page of its manual explains ({words})."
    )
