"""Discord's webhook: one URL, one channel. Platform facts: platforms.md, section 6."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from app.channels.adapters.answers import json_object, say, unforeseen
from app.channels.adapters.discord_answers import (
    API,
    DELETED,
    EDITED,
    HEADERS,
    ID,
    POSTED,
    SIZE,
    Way,
    carried,
    deleted,
    edited,
    message,
    refused,
    snowflake,
)
from app.channels.markup.commonmark import DISCORD
from app.channels.port import Outcome, Post, Posted, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit, Scope

V = Verdict
_PATH = re.compile(r"(.*)/api(?:/v[0-9]{1,2})?/webhooks/([1-9][0-9]{0,19})/([A-Za-z0-9_-]{1,100})/?", re.ASCII)
_WAY = Way(unauthorized=V.TARGET_GONE, everything=Scope.PLATFORM)


@dataclass(frozen=True)
class _Hook:
    """A webhook's URL, read. `thread` is the thread it posts in, or empty."""

    number: str
    url: str = field(repr=False)
    thread: str

    def at(self, path: str = "", **query: str) -> str:
        asked = {**query, "thread_id": self.thread} if self.thread else query
        return self.url + path + "?" * bool(asked) + "&".join(f"{name}={value}" for name, value in asked.items())


class Discord:
    """The URL is the only credential, and never called again where Discord does not know it any more. The API version
    is ours, whatever the URL says; `wait=true` makes Discord answer for the message instead of only taking it in. A
    webhook's posts have no idempotency key."""

    name = "discord"
    platform = "discord"
    hosts: tuple[str, ...] = ("discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com")
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    keyed: float | None = None
    recall_within: float | None = None
    edit_within: float | None = None
    limits: tuple[Limit, ...] = paced("discord")
    size = SIZE
    marked_size = SIZE
    beside_picture = SIZE.most
    calls_everyone: Literal[True] = True
    dialect = DISCORD

    def address_problem(self, address: str) -> str | None:
        if _read(address) is not None:
            return None
        return (
            "A Discord webhook's address is its whole URL, https://discord.com/api/webhooks/…/…, with ?thread_id=… "
            "behind it for a thread."
        )

    async def post(self, post: Post, http: Http) -> Outcome:
        hook = _read(post.address)
        if hook is None:
            return _unreadable()
        said = carried(message(post), post.picture)
        reply = await say(http, Request(hook.at(wait="true"), headers=HEADERS, **said), doubt=POSTED)
        return reply if isinstance(reply, Outcome) else _understood(reply, post, hook)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        if not ID.fullmatch(message_id):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Discord's; nothing was asked.")
        hook = _read(post.address)
        if hook is None:
            return _unreadable()
        url = hook.at(f"/messages/{message_id}")
        reply = await say(http, Request(url, method="PATCH", json=message(post), headers=HEADERS), doubt=EDITED)
        return reply if isinstance(reply, Outcome) else edited(reply, post, _WAY, number=message_id)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        hook = _read(posted.address)
        if hook is None:
            return _unreadable()
        if not ID.fullmatch(posted.message_id):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Discord's; nothing was asked.")
        url = hook.at(f"/messages/{posted.message_id}")
        reply = await say(http, Request(url, method="DELETE", headers=HEADERS), doubt=DELETED)
        return reply if isinstance(reply, Outcome) else deleted(reply, posted, _WAY)


def _read(address: str) -> _Hook | None:
    try:
        parts = urlsplit(address)
        query = parse_qs(parts.query, strict_parsing=bool(parts.query), max_num_fields=2)
    except ValueError:
        return None
    path = _PATH.fullmatch(parts.path)
    thread = query.pop("thread_id", [""])
    query.pop("wait", None)
    if parts.scheme not in {"https", "http"} or path is None or query or parts.fragment:
        return None
    if thread != [""] and (len(thread) != 1 or not ID.fullmatch(thread[0])):
        return None
    before, number, token = path.groups()
    return _Hook(number, f"{parts.scheme}://{parts.netloc}{before}{API}/webhooks/{number}/{token}", thread[0])


def _unreadable() -> Outcome:
    return Outcome(V.TARGET_GONE, "bad_address", "This address is no Discord webhook's; nothing was asked.")


def _understood(reply: Reply, post: Post, hook: _Hook) -> Outcome:
    if reply.status == 204:
        return Outcome(V.HANDED_OVER, "204", "Discord took the message in, and does not say whether it stands.")
    if reply.status != 200:
        outcome = refused(reply, post, _WAY, doubt=POSTED)
        return replace(outcome, for_good=reply.status == 404 and outcome.verdict is V.TARGET_GONE)
    answer = json_object(reply) or {}
    number = snowflake(answer.get("id"))
    if number is None:
        return unforeseen(reply, f"Discord said yes without naming a message. {POSTED}.")
    if answer.get("webhook_id", hook.number) != hook.number:
        return unforeseen(reply, f"Discord said yes for another webhook. {POSTED}.")
    return Outcome(V.SENT, "200", "Discord took the message.", message_id=number)
