"""Feishu (飞书) and Lark custom bots: one webhook, one group. Platform facts: platforms.md, section 3a."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

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
from app.channels.adapters.feishu_words import BASE, HOSTS, carded, quiet, worded
from app.channels.markup.robots import FEISHU
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_PATH = "/open-apis/bot/v2/hook/"
_FIRST_WAIT_S, _LAST_WAIT_S = 2.0, 60.0

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_URL_PATH = re.compile(rf"(?:/[^?#]*)?{_PATH}[A-Za-z0-9_-]{{1,128}}", re.ASCII)

_CONTENT = {
    9499: "its format is wrong, or it is over 20 KB",
    19024: "it holds none of the bot's keywords",
    19036: "it is too large",
}
_GONE = {
    19001: "it was removed or disabled, or its address never existed",
    19021: "it does not accept our signature; check its signing secret, and the clock of this machine",
    19022: "it takes no posts from the address of this machine; add that to its list",
}


class Feishu:
    """The token in the address is the bot's credential, its signing secret a second one. The whole body has to fit
    into 20 KB, so some are left for its frame and for what JSON escapes."""

    name = "feishu"
    platform = "feishu"
    hosts: tuple[str, ...] = HOSTS
    account_secret: tuple[str, ...] = ()
    optional_secret: tuple[str, ...] = ("secret",)
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("feishu")
    size = Size(18_000, Unit.BYTES, sent=quiet)
    marked_size = Size(18_000, Unit.BYTES)
    calls_everyone: Literal[True] = True
    dialect = FEISHU

    def __init__(self) -> None:
        self._waits: dict[int, float] = {}

    def address_problem(self, address: str) -> str | None:
        if _TOKEN.fullmatch(address) if "://" not in address else _is_webhook(address):
            return None
        return f"A Feishu address is the bot's webhook, {BASE}{_PATH}…, or its token alone."

    async def post(self, post: Post, http: Http) -> Outcome:
        url = post.address
        if "://" not in url:
            url = f"{(post.base_url or BASE).rstrip('/')}{_PATH}{url}"
        body = {**(_card(post) if post.marked else _text(post)), **_signature(post)}
        reply = await say(http, Request(url, json=body))
        outcome = reply if isinstance(reply, Outcome) else _understood(reply, post)
        return self._patient(outcome, url)

    def _patient(self, outcome: Outcome, url: str) -> Outcome:
        """Feishu says "too often" without saying for how long: two seconds at first, twice as long each further time
        until the bot has spoken again, a minute at most."""
        if outcome.verdict is Verdict.SENT:
            self._waits.pop(hash(url), None)
        if outcome.verdict is not Verdict.THROTTLED or outcome.code == "429":
            return outcome
        wait_s = self._waits.get(hash(url), _FIRST_WAIT_S)
        self._waits[hash(url)] = min(wait_s * 2, _LAST_WAIT_S)
        return throttled(outcome.code, wait_s)


def _text(post: Post) -> dict[str, object]:
    return {"msg_type": "text", "content": {"text": worded(post)}}


def _card(post: Post) -> dict[str, object]:
    """Only a card knows Markdown."""
    return {"msg_type": "interactive", "card": {"elements": [carded(post)]}}


def _is_webhook(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    # http only reaches a host listed in MUSTER_ALLOWED_HOSTS
    return (
        parts.scheme in {"https", "http"}
        and _URL_PATH.fullmatch(parts.path) is not None
        and not parts.query
        and not parts.fragment
    )


def _signature(post: Post) -> Mapping[str, str]:
    """Time in seconds and secret are the key here, and what is signed is empty."""
    secret = post.secret.get("secret") or post.secret.get("signing_secret")
    if not secret:
        return {}
    stamp = str(int(post.at.timestamp()))
    mac = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(mac).decode()}


def _understood(reply: Reply, post: Post) -> Outcome:
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    if reply.status == 429:
        return throttled("429", retry_after(reply, now=post.at) or _LAST_WAIT_S)
    answer = json_object(reply) or {}
    code = whole(answer["code"] if "code" in answer else answer.get("StatusCode"))  # the older spelling stands alone
    if code is None:
        return unforeseen(reply, "The answer is not one of Feishu's; the message may have been posted.")
    if code != 0:
        return _refused(code, str(answer.get("msg", "")), post)
    if reply.status >= 300 or answer.get("StatusCode", 0) != 0:
        return unforeseen(reply, "Feishu said yes and no at once; the message may have been posted.")
    return Outcome(Verdict.SENT, "0", "Feishu took the message.")


def _refused(code: int, message: str, post: Post) -> Outcome:
    """What a code other than 0 means. 9499 has two meanings, told apart by the words. A bot's locks are its own; only
    a signature with the account's own secret is the account's affair."""
    words = quoted(message, post)
    if code == 11232 or (code == 9499 and "too many request" in message.lower()):
        return throttled(str(code), _FIRST_WAIT_S)
    if code in _GONE:
        ours = code == 19021 and post.secret.get("signing_secret") and not post.secret.get("secret")
        verdict = Verdict.CREDENTIAL_REFUSED if ours else Verdict.TARGET_GONE
        return Outcome(verdict, str(code), f"This bot cannot post: {_GONE[code]} ({words}).")
    if code in _CONTENT:
        return Outcome(
            Verdict.CONTENT_REFUSED, str(code), f"Feishu will not take this message: {_CONTENT[code]} ({words})."
        )
    return Outcome(
        Verdict.AMBIGUOUS, str(code), f"Feishu answered with a code that no page of its manual explains ({words})."
    )
