"""DingTalk (钉钉) custom robot: one webhook, one group. Platform facts: platforms.md, section 2."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
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
    wait_of,
    whole,
)
from app.channels.markup.robots import DINGTALK
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_BASE = "https://oapi.dingtalk.com"
_PATH = "/robot/send"
_PENALTY_S = 600.0  # who exceeds twenty a minute is shut out for ten minutes; no answer says so
_QUOTA_S = 3600.0  # a quota of the tenant's edition ends with its month: ask again once an hour

_WAITS = {130101: _PENALTY_S, 410100: _PENALTY_S, 90030: _QUOTA_S}

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_URL_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)

_CONTENT = {
    40035: "a parameter is missing",
    43002: "it was not a POST",
    43004: "its content type is wrong",
    400105: "this kind of message is not supported",
    430101: "it holds an unsafe link",
    430102: "its text is improper",
    430103: "its picture is improper",
    430104: "its content is improper",
    460101: "it is over 20,000 bytes",
}
_GONE = {
    300005: "its token does not exist",
    400013: "its group was dissolved",
    400101: "its token does not exist",
    400102: "it was disabled",
    400106: "it does not exist or is not in the group",
}

_TITLE = 60  # a notification shows less


class DingTalk:
    """The token in the address is the robot's credential, its signing secret a second one; the body of an HTTP 200
    says whether it worked. Whether the whole body fits into 20,000 bytes decides, so some are left for its frame and
    for what JSON escapes."""

    name = "dingtalk"
    platform = "dingtalk"
    hosts: tuple[str, ...] = ("oapi.dingtalk.com",)
    account_secret: tuple[str, ...] = ()
    optional_secret: tuple[str, ...] = ("secret",)
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("dingtalk")
    size = marked_size = Size(18_000, Unit.BYTES)
    calls_everyone: Literal[True] = True
    dialect = DINGTALK

    def address_problem(self, address: str) -> str | None:
        if _TOKEN.fullmatch(address) if "://" not in address else _token_of(address):
            return None
        return f"A DingTalk address is the robot's webhook, {_BASE}{_PATH}?access_token=…, or its token alone."

    async def post(self, post: Post, http: Http) -> Outcome:
        url, token = f"{(post.base_url or _BASE).rstrip('/')}{_PATH}", post.address
        if "://" in post.address:
            url, token = post.address.partition("?")[0], _token_of(post.address)
        secret = post.secret.get("secret") or post.secret.get("signing_secret")
        query = f"access_token={quote(token, safe='')}{_signature(post.at, secret) if secret else ''}"
        body = {**_words(post), "at": {"isAtAll": post.mention_all}}
        reply = await say(http, Request(f"{url}?{query}", json=body))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _words(post: Post) -> dict[str, object]:
    """With markup, the first line without it is what a notification shows."""
    if post.marked is None:
        return {"msgtype": "text", "text": {"content": post.text}}
    title = post.text.strip().partition("\n")[0][:_TITLE]
    return {"msgtype": "markdown", "markdown": {"title": title, "text": post.marked}}


def _token_of(address: str) -> str:
    """The one token of a webhook's URL, or nothing for any other address."""
    try:
        parts = urlsplit(address)
        tokens = parse_qs(parts.query, max_num_fields=10).get("access_token", [])
    except ValueError:
        return ""
    # http only reaches a host listed in MUSTER_ALLOWED_HOSTS
    sound = parts.scheme in {"https", "http"} and parts.path.endswith(_PATH) and len(tokens) == 1
    return tokens[0] if sound and _URL_TOKEN.fullmatch(tokens[0]) else ""


def _signature(at: datetime, secret: str) -> str:
    """The robot's signature over the time in milliseconds, as two more fields of the query."""
    stamp = str(int(at.timestamp()) * 1000 + at.microsecond // 1000)
    mac = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"&timestamp={stamp}&sign={quote(base64.b64encode(mac).decode(), safe='')}"


def _understood(reply: Reply, post: Post) -> Outcome:
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    answer = json_object(reply) or {}
    if reply.status == 429 or ("errcode" not in answer and answer.get("punish") == "deny"):
        return _before_the_robots(reply, answer, post)
    code = whole(answer.get("errcode"))
    if code is None:
        return unforeseen(reply, "The answer is not one of DingTalk's; the message may have been posted.")
    if code != 0:
        return _refused(code, str(answer.get("errmsg", "")), post)
    if reply.status >= 300 or "punish" in answer:
        return unforeseen(reply, "DingTalk said yes and no at once; the message may have been posted.")
    return Outcome(Verdict.SENT, "0", "DingTalk took the message.")


def _before_the_robots(reply: Reply, answer: Mapping[str, object], post: Post) -> Outcome:
    """A layer that turns calls away without DingTalk's `errcode`, which many take for a yes."""
    asked = wait_of(answer.get("wait")) or retry_after(reply, now=post.at)
    return throttled("429" if reply.status == 429 else "x5", asked or _PENALTY_S)


def _refused(code: int, message: str, post: Post) -> Outcome:
    """What a code other than 0 means. 310000 and 300001 have several meanings, told apart by the words."""
    words = quoted(message, post)
    if code in _WAITS or (code == 300001 and re.search("too fast|limit|限流", message)):
        return throttled(str(code), _WAITS.get(code, _PENALTY_S))
    if code == 310000:
        return _unsafe(message, words, post)
    if code in _GONE or (code == 300001 and "token" in message):
        reason = _GONE.get(code, _GONE[300005])
        return Outcome(Verdict.TARGET_GONE, str(code), f"This robot cannot post: {reason} ({words}).")
    if code in _CONTENT:
        return Outcome(
            Verdict.CONTENT_REFUSED, str(code), f"DingTalk will not take this message: {_CONTENT[code]} ({words})."
        )
    if code == -1:
        return Outcome(Verdict.NOT_SENT, "-1", "DingTalk is busy and did not post the message.")
    return Outcome(
        Verdict.AMBIGUOUS, str(code), f"DingTalk answered with a code that no page of its manual explains ({words})."
    )


def _unsafe(message: str, words: str, post: Post) -> Outcome:
    """One of the robot's three locks. A lock belongs to its robot; only a signature with the account's own secret is
    the account's affair."""
    if re.search("keyword|关键词", message):
        return Outcome(Verdict.CONTENT_REFUSED, "310000", f"This message holds none of the robot's keywords ({words}).")
    verdict, reason = Verdict.TARGET_GONE, "its security settings forbid us to post"
    if re.search("sign|timestamp|签名|时间戳", message):
        reason = "it does not accept our signature; check its signing secret, and the clock of this machine"
        if post.secret.get("signing_secret") and not post.secret.get("secret"):
            verdict = Verdict.CREDENTIAL_REFUSED
    elif re.search("whitelist|白名单", message):
        reason = "it takes no posts from the address of this machine; add that to its list"
    return Outcome(verdict, "310000", f"This robot cannot post: {reason} ({words}).")
