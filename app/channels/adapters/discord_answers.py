"""What both ways into Discord share: the words on the wire, and every answer that is not a yes. Platform facts:
platforms.md, section 6; discord-api-docs, topics/rate-limits and topics/opcodes-and-status-codes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.channels.adapters.answers import (
    json_object,
    quoted,
    redirected,
    retry_after,
    throttled,
    unforeseen,
    wait_of,
    whole,
)
from app.channels.port import Credential, Outcome, Picture, Post, Posted, Size, Unit, Verdict
from app.core.http import File, Reply
from app.core.limits import Scope

V = Verdict
API = "/api/v10"  # without a version, old versions answer in other words and in milliseconds
HEADERS = {"User-Agent": "DiscordBot (https://muster.invalid, 0.1)"}  # any other shape may be turned away at the door

POSTED = "The message may have been posted"
PINNED = "The message may be pinned"
EDITED = "The message may have the new words"
DELETED = "The message may have been taken back"
UNKNOWN = "The token may be good or bad"

ID = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)

_EVERYONE = "@everyone\n"
SIZE = Size(2000 - len(_EVERYONE), Unit.CODE_POINTS)  # code points, by Discord's own word (api-docs #1315)

_NO_EMBEDS = 4
_DEFAULT_WAIT_S = 60.0  # the longest published window
_BAN_S = 600.0  # the window over which invalid requests are counted; bans of an hour were seen, and say so

_VERDICTS: Mapping[int, Verdict] = {
    # The webhook, channel, server or person is gone, is no place for text, or is closed to us.
    **dict.fromkeys((10003, 10004, 10013, 10015, 40007, 40058, 50001, 50003, 50007, 50008), V.TARGET_GONE),
    **dict.fromkeys((50009, 50013, 50024, 50027, 50083, 160005, 220001, 220002, 220003), V.TARGET_GONE),
    # Too large, empty, not JSON, a form that is wrong, a filter of the server's.
    **dict.fromkeys((20009, 40005, 50006, 50035, 50045, 50109, 200000, 240000), V.CONTENT_REFUSED),
    **dict.fromkeys((40001, 40002, 40012, 50014, 50025), V.CREDENTIAL_REFUSED),
    **dict.fromkeys((40004, 40333), V.NOT_SENT),  # sending is switched off; turned away before Discord
    10008: V.AMBIGUOUS,  # "unknown message" to a post: our nonce's message stood, and was deleted (api-docs #6647)
}
_SLOW = {20016, 20028, 20029, 40062}  # slow mode; too many writes in a channel, a server, a service
_WORDS: Mapping[Verdict, str] = {
    V.TARGET_GONE: "Discord does not let us into this channel",
    V.CREDENTIAL_REFUSED: "Discord does not accept this bot's token",
    V.CONTENT_REFUSED: "Discord will not do this with the message",
    V.NOT_SENT: "Discord turned the request away and did nothing with the message",
    V.AMBIGUOUS: "Discord does not know the message any more; it may have stood",
}


@dataclass(frozen=True)
class Way:
    """One way in: what a 401 says about, and how far a limit of all requests reaches. Requests without a token share
    the limit of their address."""

    unauthorized: Verdict
    everything: Scope


def message(post: Post) -> dict[str, object]:
    """The body of a post: nobody is called but everyone, and only when that is wanted."""
    called = ["everyone"] if post.mention_all else []
    text = post.marked or post.text
    content = _EVERYONE + text if post.mention_all else text
    return {"content": content, "allowed_mentions": {"parse": called}, "flags": _NO_EMBEDS}


def carried(said: Mapping[str, object], picture: Picture | None) -> dict[str, Any]:
    """The body of a post on the wire: as JSON, or, beside a picture, as the form's `payload_json`."""
    if picture is None:
        return {"json": said}
    form = {"payload_json": json.dumps(said, ensure_ascii=False)}
    return {"form": form, "file": File("files[0]", picture.filename, picture.media_type, picture.content)}


def snowflake(value: object) -> str | None:
    """An id as Discord writes it: digits in a string; a number is none."""
    return value if isinstance(value, str) and ID.fullmatch(value) else None


def deleted(reply: Reply, posted: Posted, way: Way) -> Outcome:
    """The answer to a DELETE of one message."""
    answer = json_object(reply) or {}
    if reply.status == 204 or (reply.status == 404 and whole(answer.get("code")) == 10008):
        return Outcome(V.SENT, str(reply.status), "The message does not stand any more.")
    return refused(reply, posted, way, doubt=DELETED)


def edited(reply: Reply, post: Post, way: Way, *, number: str) -> Outcome:
    """The answer to a PATCH of one message: the whole message."""
    answer = json_object(reply) or {}
    if reply.status == 404 and whole(answer.get("code")) == 10008:
        return Outcome(V.CONTENT_REFUSED, "10008", "This message does not stand any more; nothing was edited.")
    if reply.status != 200:
        return refused(reply, post, way, doubt=EDITED)
    if snowflake(answer.get("id")) != number:
        return unforeseen(reply, f"Discord said yes without naming this message. {EDITED}.")
    return Outcome(V.SENT, "200", "The message has the new words.")


def refused(reply: Reply, asked: Post | Posted | Credential, way: Way, *, doubt: str) -> Outcome:
    """Everything but a yes. `doubt` is what may be so if the answer does not tell."""
    answer = json_object(reply) or {}
    code = whole(answer.get("code"))
    if reply.status == 429 or (400 <= reply.status < 500 and code in _SLOW):
        return _slow_down(reply, answer, asked, way)
    if reply.status >= 500:
        return unforeseen(reply, f"Discord broke down. {doubt}.")
    if 300 <= reply.status < 400:
        return redirected(reply, V.CONTENT_REFUSED)
    if reply.status < 400 or (code is None and reply.status != 413):
        return unforeseen(reply, f"The answer is not one of Discord's. {doubt}.")
    verdict = _VERDICTS.get(code or 0) or _by_status(reply.status, way)
    words = quoted(answer.get("message"), asked)
    return Outcome(verdict, str(code or reply.status), f"{_WORDS[verdict]} ({words or reply.status}).")


def _by_status(status: int, way: Way) -> Verdict:
    """A refusal in Discord's manner whose code is general or new."""
    if status == 401:
        return way.unauthorized
    return V.TARGET_GONE if status in {403, 404} else V.CONTENT_REFUSED


def _slow_down(reply: Reply, answer: Mapping[str, object], asked: Post | Posted | Credential, way: Way) -> Outcome:
    """A limit of ours tells its own wait, in float seconds. What does not is Cloudflare's, in front of Discord: it
    has shut out this machine's address."""
    said = wait_of(answer.get("retry_after"))
    header = retry_after(reply, now=asked.at) or wait_of(reply.headers.get("x-ratelimit-reset-after"))
    code = whole(answer.get("code"))
    word = str(code or reply.status)
    if said is None and code not in _SLOW and "x-ratelimit-scope" not in reply.headers:
        return throttled(word, header or _BAN_S, scope=Scope.PLATFORM)
    names = {reply.headers.get("x-ratelimit-scope"), "global" if answer.get("global") is True else ""}
    scope = way.everything if "global" in names or "x-ratelimit-global" in reply.headers else Scope.CHAT
    return throttled(word, said or header or _DEFAULT_WAIT_S, scope=scope)
