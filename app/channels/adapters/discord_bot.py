"""A Discord bot: it says it in a channel, takes it back, and asks who it is. Platform facts: platforms.md, section 6;
discord-api-docs, resources/message."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal

from app.channels.adapters.answers import json_object, quoted, say, unforeseen
from app.channels.adapters.discord_answers import (
    API,
    DELETED,
    EDITED,
    HEADERS,
    ID,
    PINNED,
    POSTED,
    SIZE,
    UNKNOWN,
    Way,
    carried,
    deleted,
    edited,
    message,
    refused,
    snowflake,
)
from app.channels.markup.commonmark import DISCORD
from app.channels.port import Checked, Credential, Outcome, Post, Posted, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit, Scope

V = Verdict
_BASE = "https://discord.com"
_WAY = Way(unauthorized=V.CREDENTIAL_REFUSED, everything=Scope.ACCOUNT)
_TOKEN = re.compile(r"[!-~]+", re.ASCII)
_LONGEST_NONCE = 25


class DiscordBot:
    """`enforce_nonce` makes a repeated post answer with the first one's message. Discord promises that for "the past
    few minutes" and means it for safe repeats [1, official]; one minute of them is relied on."""

    name = "discord_bot"
    platform = "discord"
    hosts: tuple[str, ...] = ("discord.com",)
    account_secret: tuple[str, ...] = ("bot_token",)
    url_addresses = False
    keyed: float | None = 60.0
    recall_within: float | None = None
    edit_within: float | None = None
    limits: tuple[Limit, ...] = paced("discord_bot")
    size = SIZE
    marked_size = SIZE
    beside_picture = SIZE.most
    calls_everyone: Literal[True] = True
    dialect = DISCORD

    def address_problem(self, address: str) -> str | None:
        if ID.fullmatch(address):
            return None
        return "A Discord address is a channel's id, like 197038439483310086 (developer mode, “Copy Channel ID”)."

    async def post(self, post: Post, http: Http) -> Outcome:
        nonce = hashlib.sha256(post.key.encode()).hexdigest()[:_LONGEST_NONCE]
        said = carried({**message(post), "nonce": nonce, "enforce_nonce": True}, post.picture)
        reply = await _ask(http, "POST", f"/channels/{post.address}/messages", post, said=said, doubt=POSTED)
        return reply if isinstance(reply, Outcome) else _understood(reply, post)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        if not ID.fullmatch(message_id):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Discord's; nothing was asked.")
        path = f"/channels/{post.address}/messages/{message_id}"
        reply = await _ask(http, "PATCH", path, post, said=carried(message(post), None), doubt=EDITED)
        return reply if isinstance(reply, Outcome) else edited(reply, post, _WAY, number=message_id)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        if not ID.fullmatch(posted.message_id):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Discord's; nothing was asked.")
        path = f"/channels/{posted.address}/messages/{posted.message_id}"
        reply = await _ask(http, "DELETE", path, posted, doubt=DELETED)
        return reply if isinstance(reply, Outcome) else deleted(reply, posted, _WAY)

    async def pin(self, posted: Posted, http: Http) -> Outcome:
        """It takes the permission to pin; a message that is pinned already stays so."""
        if not ID.fullmatch(posted.message_id):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Discord's; nothing was asked.")
        path = f"/channels/{posted.address}/messages/pins/{posted.message_id}"
        reply = await _ask(http, "PUT", path, posted, doubt=PINNED)
        if isinstance(reply, Outcome):
            return reply
        if reply.status == 204:
            return Outcome(V.SENT, "204", "Discord keeps the message on top.")
        return refused(reply, posted, _WAY, doubt=PINNED)

    async def check(self, credential: Credential, http: Http) -> Checked:
        reply = await _ask(http, "GET", "/users/@me", credential, doubt=UNKNOWN)
        outcome = reply if isinstance(reply, Outcome) else _known(reply, credential)
        works = {V.SENT: True, V.CREDENTIAL_REFUSED: False}.get(outcome.verdict)
        return Checked(works, outcome.code, outcome.detail)


async def _ask(
    http: Http,
    method: str,
    path: str,
    asked: Post | Posted | Credential,
    *,
    said: Mapping[str, Any] | None = None,
    doubt: str,
) -> Reply | Outcome:
    token = asked.secret.get("bot_token", "")
    if not _TOKEN.fullmatch(token):
        return Outcome(V.CREDENTIAL_REFUSED, "no_token", "This account has no bot token, or none that can be sent.")
    if not isinstance(asked, Credential) and not ID.fullmatch(asked.address):
        return Outcome(V.TARGET_GONE, "bad_address", "This address is no Discord channel's id; nothing was asked.")
    url = f"{(asked.base_url or _BASE).rstrip('/')}{API}{path}"
    headers = {**HEADERS, "Authorization": f"Bot {token}"}
    return await say(http, Request(url, method=method, headers=headers, **(said or {})), doubt=doubt)


def _understood(reply: Reply, post: Post) -> Outcome:
    if reply.status != 200:
        return refused(reply, post, _WAY, doubt=POSTED)
    answer = json_object(reply) or {}
    number = snowflake(answer.get("id"))
    if number is None:
        return unforeseen(reply, f"Discord said yes without naming a message. {POSTED}.")
    if answer.get("channel_id", post.address) != post.address:
        return unforeseen(reply, f"Discord said yes for another channel. {POSTED}.")
    return Outcome(V.SENT, "200", "Discord took the message.", message_id=number)


def _known(reply: Reply, credential: Credential) -> Outcome:
    answer = json_object(reply) or {}
    if reply.status != 200 or snowflake(answer.get("id")) is None:
        return refused(reply, credential, _WAY, doubt=UNKNOWN)
    name = quoted(answer.get("username"), credential) or "unnamed"
    return Outcome(V.SENT, "200", f"Discord knows this bot as {name}.")
