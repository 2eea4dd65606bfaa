"""Telegram: a bot says it in a chat (Bot API, `sendMessage`). Platform facts: platforms.md, section 4."""

import re
from collections.abc import Mapping
from urllib.parse import quote

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
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.core.http import Http, Reply, Request
from app.core.limits import Limit, Scope

_BASE = "https://api.telegram.org"
_DEFAULT_WAIT_S = 5.0  # what the server itself names when it drops a query on its way down

_ID = re.compile(r"-?[1-9][0-9]{0,18}", re.ASCII)
_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)

# Beginnings of the server's descriptions behind "Bad Request: " (literal, from its source).
_GONE = (
    "chat not found",
    "chat_id is empty",
    "private chat not found",
    "group chat was upgraded",
    "group chat was deactivated",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "peer_id_invalid",
    "topic_",
)


class Telegram:
    """Bots cannot read a group's history and have no idempotency key: a lost line stays unknown."""

    name = "telegram"
    platform = "telegram"
    hosts: tuple[str, ...] = ("api.telegram.org",)
    account_secret: tuple[str, ...] = ("bot_token",)
    url_addresses = False
    keyed: float | None = None
    limits: tuple[Limit, ...] = (
        Limit(Scope.CHAT, 1, 1),
        Limit(Scope.CHAT, 20, 60),
        Limit(Scope.ACCOUNT, 30, 1),
    )
    size = Size(4096, Unit.CODE_POINTS)

    def address_problem(self, address: str) -> str | None:
        if _ID.fullmatch(address) or _NAME.fullmatch(address):
            return None
        return "A Telegram address is a chat's number, like -1001234567890, or a public name, like @my_channel."

    async def post(self, post: Post, http: Http) -> Outcome:
        token = post.secret.get("bot_token", "")
        if not token:
            return Outcome(Verdict.CREDENTIAL_REFUSED, "no_token", "This account has no bot token.")
        numeric = _ID.fullmatch(post.address)
        body = {
            "chat_id": int(post.address) if numeric else post.address,
            "text": post.text,
            "link_preview_options": {"is_disabled": True},
        }
        base = (post.base_url or _BASE).rstrip("/")
        reply = await say(http, Request(f"{base}/bot{quote(token, safe=':')}/sendMessage", json=body))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _understood(reply: Reply, post: Post) -> Outcome:
    answer = json_object(reply)
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    if answer is not None and answer.get("ok") is True and reply.status == 200:
        return _accepted(reply, answer, post)
    code = whole(answer.get("error_code")) if answer is not None and answer.get("ok") is False else None
    if 429 in (code, reply.status):
        return throttled("429", _wait(reply, answer or {}, post))
    if 401 in (code, reply.status):
        return Outcome(Verdict.CREDENTIAL_REFUSED, "401", "Telegram does not know this bot token, or it was revoked.")
    if answer is None or code is None:
        return unforeseen(reply, "The answer is not one of Telegram's; the message may have been posted.")
    return _refused(code, answer, post)


def _accepted(reply: Reply, answer: Mapping[str, object], post: Post) -> Outcome:
    result = answer.get("result")
    number = whole(result.get("message_id")) if isinstance(result, dict) else None
    if not isinstance(result, dict) or number is None:
        return unforeseen(reply, "Telegram said yes without naming a message; it may have been posted.")
    chat = result.get("chat")
    where = whole(chat.get("id")) if isinstance(chat, dict) else None
    if where is not None and _ID.fullmatch(post.address) and str(where) != post.address:
        return unforeseen(reply, "Telegram said yes for another chat; the message may have been posted.")
    return Outcome(Verdict.SENT, "200", "Telegram took the message.", message_id=str(number))


def _wait(reply: Reply, answer: Mapping[str, object], post: Post) -> float:
    parameters = answer.get("parameters")
    asked = wait_of(parameters.get("retry_after")) if isinstance(parameters, dict) else None
    return asked or retry_after(reply, now=post.at) or _DEFAULT_WAIT_S


def _refused(code: int, answer: Mapping[str, object], post: Post) -> Outcome:
    """One of the server's own refusals: it did not post."""
    words = quoted(answer.get("description"), post)
    parameters = answer.get("parameters")
    moved = whole(parameters.get("migrate_to_chat_id")) if isinstance(parameters, dict) else None
    if moved is not None and str(moved) != post.address:
        return Outcome(
            Verdict.MOVED, str(code), "This group was upgraded to a supergroup with a new number.", moved_to=str(moved)
        )
    reason = words.partition(": ")[2].lower()
    if code == 403 or (code == 400 and reason.startswith(_GONE)):
        return Outcome(Verdict.TARGET_GONE, str(code), f"The bot cannot post in this chat: {words}.")
    if code == 404:
        return Outcome(
            Verdict.CREDENTIAL_REFUSED, "404", f"The server knows neither this bot nor what we ask of it: {words}."
        )
    if 400 <= code < 500:
        return Outcome(Verdict.CONTENT_REFUSED, str(code), f"Telegram will not take this message: {words}.")
    return Outcome(
        Verdict.AMBIGUOUS, str(code), f"Telegram broke down over this message and may have posted it: {words}."
    )
