"""What both ways into Mattermost share: its words, its limits, its errors. Platform facts: platforms.md, section 8."""

import re
from dataclasses import dataclass

from app.channels.adapters.answers import json_object, retry_after, throttled, wait_of
from app.channels.adapters.mentions import ADDRESS, EVERYONE
from app.channels.markup.signs import outside_addresses
from app.channels.port import Credential, Outcome, Post, Posted, Size, Unit
from app.core.http import Reply
from app.core.limits import Scope

LONGEST = 16_383  # code points [1]

_CALL = "@channel "
_DEFAULT_WAIT_S = 5.0
_SILENCE = "\u200b"  # zero width: the server's parser of mentions ends a word here

# What the server reads as a call: `@` at the beginning of a word (its parser knows none behind an ASCII letter or
# digit, so that mail addresses stay whole), Slack's `<!channel>` and `<@id>`, and `@` written as an HTML entity.
_CALLS = re.compile(r"(?<![A-Za-z0-9])@(?=\S)|<(?=[!@])|&(?=#|commat;)")
# An address that the server makes a link of is not read for calls [code]: it must stand free, or in brackets.
_ADDRESS = re.compile(rf"(?<![^\s(]){ADDRESS}", re.ASCII)
_ERROR_ID = re.compile(r"[a-z][a-z0-9_]{0,40}(\.[a-z0-9_]{1,60}){1,6}", re.ASCII)


@dataclass(frozen=True)
class Refusal:
    """The server's own error object: its `id` never changes, its `message` is translated and may repeat a secret."""

    id: str
    message: object


def words(post: Post) -> str:
    """The text as it is sent: nobody is called but everyone, and only if that was asked for."""
    text = quiet(post.marked or post.text)
    return f"{_CALL}{text}" if post.mention_all else text


def quiet(text: str) -> str:
    """The text, in which nobody is called; its addresses are as they were written, but for the words for everyone."""
    return EVERYONE.sub("@" + _SILENCE, outside_addresses(_silent, text, addresses=_ADDRESS))


def _silent(text: str) -> str:
    return _CALLS.sub(lambda found: found[0] + _SILENCE, text)


SIZE = Size(LONGEST - len(_CALL), Unit.CODE_POINTS, sent=quiet)


def refusal(reply: Reply) -> Refusal | None:
    """The error object of a 4xx or 5xx, or None for what some other box said."""
    answer = json_object(reply) if reply.status >= 400 else None
    name = answer.get("id") if answer is not None else None
    if answer is None or not isinstance(name, str) or not _ERROR_ID.fullmatch(name):
        return None
    return Refusal(name, answer.get("message"))


def slow_down(reply: Reply, asked: Post | Posted | Credential) -> Outcome:
    """A 429. It counts what came from our address, so everything on this server waits."""
    reset = wait_of(reply.headers.get("x-ratelimit-reset", ""))
    wait_s = retry_after(reply, now=asked.at) or reset or _DEFAULT_WAIT_S
    return throttled("429", wait_s, scope=Scope.ACCOUNT)
