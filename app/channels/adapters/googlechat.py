"""Google Chat incoming webhook: one URL, one space. Platform facts: platforms.md, section 10."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from app.channels.adapters.answers import (
    because,
    json_object,
    off_the_page,
    retry_after,
    say,
    throttled,
    unforeseen,
    whole,
)
from app.channels.markup.mrkdwn import GOOGLE_CHAT
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit, Scope

_BASE = "https://chat.googleapis.com"
_SPACE_WAIT_S = 10.0  # no Retry-After is documented; a space takes one message a second
_PROJECT_WAIT_S = 60.0  # the window of a project's quota

_PATH = re.compile(r"(/[^/?#]+)*/v1/(spaces/[A-Za-z0-9_-]{1,64})/messages", re.ASCII)
_NAME = re.compile(r"(spaces/[A-Za-z0-9_-]{1,64})/messages/[A-Za-z0-9_.-]{1,128}", re.ASCII)

_STATUS = re.compile(r"[A-Z][A-Z_]{1,40}", re.ASCII)

_ALL = "<users/all> "
_CALLS = re.compile(r"<(?=\s*users/)", re.IGNORECASE)
_SILENCE = "\u200b"  # zero width: behind it no mention is read

_GONE = {"UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"}
_CONTENT = {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"}


def _quiet(text: str) -> str:
    """The text, in which nobody is called."""
    return _CALLS.sub("<" + _SILENCE, text)


class GoogleChat:
    """The URL's `key` and `token` are the only credential. A webhook can neither take back nor edit."""

    name = "googlechat"
    platform = "googlechat"
    hosts: tuple[str, ...] = ("chat.googleapis.com",)
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("googlechat")
    size = Size(31_000, Unit.BYTES, sent=_quiet)  # [1] 32,000 for the whole message
    marked_size = size
    calls_everyone: Literal[True] = True
    dialect = GOOGLE_CHAT

    def address_problem(self, address: str) -> str | None:
        try:
            parts = urlsplit(address)
            asked = parse_qs(parts.query, max_num_fields=10)
        except ValueError:
            return _problem()
        credential = all(len(asked.get(name, [])) == 1 for name in ("key", "token"))
        sound = parts.scheme in {"https", "http"} and not parts.fragment  # http only reaches a listed host
        return None if sound and credential and _PATH.fullmatch(parts.path) else _problem()

    async def post(self, post: Post, http: Http) -> Outcome:
        text = _quiet(post.marked or post.text)
        text = f"{_ALL}{text}" if post.mention_all else text
        reply = await say(http, Request(post.address, json={"text": text}))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _problem() -> str:
    return f"A Google Chat address is the space's webhook, {_BASE}/v1/spaces/…/messages?key=…&token=…"


def _understood(reply: Reply, post: Post) -> Outcome:
    broken = off_the_page(reply, redirect=Verdict.TARGET_GONE)
    if broken is not None:
        return broken
    answer = json_object(reply) or {}
    if reply.status == 200:
        return _accepted(reply, answer, post)
    error = answer.get("error")
    told = error if isinstance(error, dict) and whole(error.get("code")) == reply.status else {}
    if reply.status == 429:
        return _slow_down(reply, told, post)
    status = told.get("status")
    if not isinstance(status, str) or not _STATUS.fullmatch(status):
        return unforeseen(reply, "The answer is not one of Google Chat's; the message may have been posted.")
    return _refused(reply, status, told, post)


def _accepted(reply: Reply, answer: Mapping[str, object], post: Post) -> Outcome:
    name, there = answer.get("name"), _PATH.fullmatch(urlsplit(post.address).path)
    named = _NAME.fullmatch(name) if isinstance(name, str) else None
    if named is None or there is None or named[1] != there[2]:
        return unforeseen(reply, "Google Chat said yes without naming a message in this space; it may stand there.")
    return Outcome(Verdict.SENT, "200", "Google Chat took the message.", message_id=named[0])


def _slow_down(reply: Reply, told: Mapping[str, object], post: Post) -> Outcome:
    """A 429 names the quota it comes from, sometimes: a project's is not one space's affair."""
    asked = retry_after(reply, now=post.at)
    if any("perproject" in str(detail.get("quota_limit", "")).lower() for detail in _metadata(told)):
        return throttled("429", asked or _PROJECT_WAIT_S, scope=Scope.ACCOUNT)
    return throttled("429", asked or _SPACE_WAIT_S)


def _metadata(told: Mapping[str, object]) -> list[Mapping[str, object]]:
    """What the error's ErrorInfo details say besides their reason."""
    found = [detail.get("metadata") for detail in _details(told)]
    return [metadata for metadata in found if isinstance(metadata, dict)]


def _details(told: Mapping[str, object]) -> list[Mapping[str, object]]:
    details = told.get("details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _refused(reply: Reply, status: str, told: Mapping[str, object], post: Post) -> Outcome:
    """One of the API's own refusals: it did not post."""
    words = because(told.get("message"), post)
    if status in _GONE or any(detail.get("reason") == "API_KEY_INVALID" for detail in _details(told)):
        return Outcome(Verdict.TARGET_GONE, status, f"This webhook was removed, or its address is wrong{words}.")
    if status in _CONTENT or reply.status == 413:
        return Outcome(Verdict.CONTENT_REFUSED, status, f"Google Chat will not take this message{words}.")
    return unforeseen(reply, f"Google Chat answered with an error that no page of its manual explains{words}.")
