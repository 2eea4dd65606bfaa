"""A Slack app: its bot says it in a channel (`chat.postMessage`), takes it back (`chat.delete`), rewords it
(`chat.update`) and asks who it is
(`auth.test`). Platform facts: platforms.md, section 5b."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from app.channels.adapters.answers import json_object, quoted, redirected, say, unforeseen
from app.channels.adapters.slack_answers import MARKED_SIZE, SIZE, message, slow_down
from app.channels.adapters.slack_files import BESIDE_PICTURE, laid, too_fresh, with_picture
from app.channels.adapters.slack_history import METHOD, TS, carrying, metadata, read
from app.channels.adapters.slack_tells import told
from app.channels.adapters.slack_verdicts import VERDICTS, WORDS, without_scope
from app.channels.adapters.tokens import Ask, Token, Tokens, account_of
from app.channels.adapters.uploads import UPLOAD_S, given_picture, not_uploaded
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.markup.mrkdwn import SLACK
from app.channels.port import NOTHING, Checked, Credential, Given, Outcome, Picture, Post, Posted, Size, Sought, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

V = Verdict
_BASE = "https://slack.com"

_ID = re.compile(r"[CGDUW][A-Z0-9]{2,20}", re.ASCII)
_TOKEN = re.compile(r"[!-~]+", re.ASCII)

_POSTED = "The message may have been posted"
_DELETED = "The message may have been taken back"
_PINNED = "The message may be pinned"
_EDITED = "The message may have the new words"
_UNSEEN = "The message may stand"
_UNKNOWN = "The token may be good or bad"


class SlackApp:
    """`client_msg_id` is not documented as an idempotency key, so a lost line stays unknown. A person's id as the
    address opens a conversation with another id, which the message id then carries before a colon."""

    name = "slack_app"
    platform = "slack"
    hosts: tuple[str, ...] = ("slack.com",)
    account_secret: tuple[str, ...] = ("bot_token",)
    optional_secret: tuple[str, ...] = ("signing_secret",)
    url_addresses = False
    keyed: float | None = None
    recall_within: float | None = None
    edit_within: float | None = None
    limits: tuple[Limit, ...] = paced("slack_app")
    size: Size = SIZE
    marked_size = MARKED_SIZE
    beside_picture = BESIDE_PICTURE
    calls_everyone: Literal[True] = True
    dialect = SLACK

    def __init__(self) -> None:
        self._pictures = Tokens(fetch_s=UPLOAD_S)

    def address_problem(self, address: str) -> str | None:
        if _ID.fullmatch(address):
            return None
        return "A Slack address is a channel's id, like C024BE91L, or a person's, like U024BE7LH; not its name."

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        return await given_picture(self._pictures, _upload(post, post.picture, http)) if post.picture else NOTHING

    async def post(self, post: Post, http: Http) -> Outcome:
        said: dict[str, object] = {"channel": post.address, "metadata": metadata(post.key), **message(post)}
        if post.picture is not None:
            said |= with_picture(said, post.picture, post.given.picture)
        reply = await _ask(http, "chat.postMessage", post, said, doubt=_POSTED)
        if isinstance(reply, Outcome):
            return reply
        return too_fresh(reply) or _posted(reply, post)

    async def found(self, sought: Sought, http: Http) -> str | Outcome | None:
        """It takes the scope `channels:history` (`groups:history` in private channels)."""
        if sought.address[0] in "UW":
            return Outcome(V.CONTENT_REFUSED, "no_conversation", "Slack lists what was said to a person elsewhere.")

        async def ask(said: Mapping[str, str]) -> Mapping[str, object] | Outcome:
            reply = await _ask(http, METHOD, sought, said, doubt=_UNSEEN, form=True)
            if isinstance(reply, Outcome):
                return reply
            answer = read(reply)
            if answer is not None:
                return answer
            return without_scope(_refused(reply, sought, doubt=_UNSEEN))

        return await carrying(sought, ask)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        channel, _, ts = posted.message_id.rpartition(":")
        if not TS.fullmatch(ts):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Slack's; nothing was asked.")
        said = {"channel": channel or posted.address, "ts": ts}
        reply = await _ask(http, "chat.delete", posted, said, doubt=_DELETED)
        return reply if isinstance(reply, Outcome) else _deleted(reply, posted)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        channel, _, ts = message_id.rpartition(":")
        if not TS.fullmatch(ts):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Slack's; nothing was asked.")
        said = {"channel": channel or post.address, "ts": ts, "text": message(post)["text"]}
        reply = await _ask(http, "chat.update", post, said, doubt=_EDITED)
        return reply if isinstance(reply, Outcome) else _edited(reply, post, ts)

    async def pin(self, posted: Posted, http: Http) -> Outcome:
        """It takes the scope `pins:write`. Slack says so where the message is pinned already."""
        channel, _, ts = posted.message_id.rpartition(":")
        if not TS.fullmatch(ts):
            return Outcome(V.CONTENT_REFUSED, "no_id", "This message's id is none of Slack's; nothing was asked.")
        said = {"channel": channel or posted.address, "timestamp": ts}
        reply = await _ask(http, "pins.add", posted, said, doubt=_PINNED)
        return reply if isinstance(reply, Outcome) else _pinned(reply, posted)

    async def check(self, credential: Credential, http: Http) -> Checked:
        reply = await _ask(http, "auth.test", credential, {}, doubt=_UNKNOWN)
        outcome = reply if isinstance(reply, Outcome) else _known(reply, credential)
        works = {V.SENT: True, V.CREDENTIAL_REFUSED: False}.get(outcome.verdict)
        return Checked(works, outcome.code, outcome.detail)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)


def _upload(post: Post, picture: Picture, http: Http) -> Ask:
    """A picture lies with the app, whichever channel it will be shown in."""

    async def upload() -> Token | Outcome:
        async def ask(method: str, said: Mapping[str, object]) -> Reply | Outcome:
            return await _ask(http, method, post, said, doubt=_POSTED)

        found = await laid(http, post, picture, ask)
        if isinstance(found, Token):
            return found
        return not_uploaded(without_scope(_refused(found, post, doubt=_POSTED)) if isinstance(found, Reply) else found)

    account = account_of(post.base_url or _BASE, post.secret.get("bot_token", ""), picture.id)
    return Ask(account, post.at, upload, lambda _: False)


async def _ask(
    http: Http,
    method: str,
    asked: Post | Posted | Sought | Credential,
    said: Mapping[str, Any],
    *,
    doubt: str,
    form: bool = False,
) -> Reply | Outcome:
    """`form`: for a method that reads no JSON."""
    token = asked.secret.get("bot_token", "")
    if not _TOKEN.fullmatch(token):
        return Outcome(V.CREDENTIAL_REFUSED, "no_token", "This account has no bot token, or none that can be sent.")
    url = f"{(asked.base_url or _BASE).rstrip('/')}/api/{method}"
    headers = {"Authorization": f"Bearer {token}"}
    if form:
        return await say(http, Request(url, form=said, headers=headers), doubt=doubt)
    headers["Content-Type"] = "application/json; charset=utf-8"
    return await say(http, Request(url, json=said, headers=headers), doubt=doubt)


def _posted(reply: Reply, post: Post) -> Outcome:
    answer = json_object(reply) or {}
    if reply.status != 200 or answer.get("ok") is not True:
        return _refused(reply, post, doubt=_POSTED)
    channel, ts = answer.get("channel"), answer.get("ts")
    if not isinstance(ts, str) or not TS.fullmatch(ts) or not isinstance(channel, str) or not _ID.fullmatch(channel):
        return unforeseen(reply, "Slack said yes without naming a message; it may have been posted.")
    if channel == post.address:
        return Outcome(V.SENT, "ok", "Slack took the message.", message_id=ts)
    if post.address[0] in "UW":
        return Outcome(V.SENT, "ok", "Slack took the message.", message_id=f"{channel}:{ts}")
    return unforeseen(reply, "Slack said yes for another channel; the message may have been posted.")


def _deleted(reply: Reply, posted: Posted) -> Outcome:
    answer = json_object(reply) or {}
    gone = answer.get("ok") is False and answer.get("error") == "message_not_found"
    if reply.status == 200 and (gone or answer.get("ok") is True):
        return Outcome(V.SENT, "message_not_found" if gone else "ok", "The message does not stand any more.")
    return _refused(reply, posted, doubt=_DELETED)


def _edited(reply: Reply, post: Post, ts: str) -> Outcome:
    answer = json_object(reply) or {}
    if reply.status != 200 or answer.get("ok") is not True:
        if reply.status == 200 and answer.get("error") == "message_not_found":
            return Outcome(V.CONTENT_REFUSED, "message_not_found", "The message does not stand any more.")
        return _refused(reply, post, doubt=_EDITED)
    if answer.get("ts") != ts:
        return unforeseen(reply, f"Slack said yes without naming this message. {_EDITED}.")
    return Outcome(V.SENT, "ok", "The message has the new words.")


def _pinned(reply: Reply, posted: Posted) -> Outcome:
    answer = json_object(reply) or {}
    if reply.status == 200 and (answer.get("ok") is True or answer.get("error") == "already_pinned"):
        return Outcome(V.SENT, "ok", "Slack keeps the message on top.")
    if reply.status == 200 and answer.get("error") == "message_not_found":
        return Outcome(V.CONTENT_REFUSED, "message_not_found", "The message does not stand any more.")
    return _refused(reply, posted, doubt=_PINNED)


def _known(reply: Reply, credential: Credential) -> Outcome:
    answer = json_object(reply) or {}
    if reply.status != 200 or answer.get("ok") is not True:
        return _refused(reply, credential, doubt=_UNKNOWN)
    who, where = (quoted(answer.get(name), credential) or "unnamed" for name in ("user", "team"))
    return Outcome(V.SENT, "ok", f"Slack knows this app as {who} in {where}.")


def _refused(reply: Reply, asked: Post | Posted | Sought | Credential, *, doubt: str) -> Outcome:
    """Everything but a yes. `doubt` is what may be so if the answer does not tell."""
    answer = json_object(reply) or {}
    error = answer.get("error") if answer.get("ok") is False else None
    if reply.status == 429 or (reply.status < 500 and error in {"ratelimited", "rate_limited"}):
        return slow_down(reply, now=asked.at)
    if reply.status >= 500:
        return unforeseen(reply, f"Slack broke down. {doubt}.")
    if 300 <= reply.status < 400:
        return redirected(reply, V.CONTENT_REFUSED)
    if not isinstance(error, str):
        return unforeseen(reply, f"The answer is not one of Slack's. {doubt}.")
    known = "restricted_action" if error.startswith("restricted_action") else error
    verdict = VERDICTS.get(known)
    if verdict is None:
        return unforeseen(reply, f"Slack answered with a word that no page explains ({quoted(error, asked)}). {doubt}.")
    return Outcome(verdict, known, f"{WORDS[verdict]} ({known}).")
