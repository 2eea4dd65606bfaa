"""Zulip: a bot says it in a topic of a channel (`POST /api/v1/messages`). Platform facts: platforms.md, section 9."""

import re
from typing import Literal

from app.channels.adapters.afterwards import fails, in_doubt, take_back, taken_back, untold, works
from app.channels.adapters.answers import ask, because, off_the_page, quoted, say, too_long, unforeseen, whole
from app.channels.adapters.tokens import Ask, Token, Tokens, account_of
from app.channels.adapters.uploads import UPLOAD_S, given_picture, not_uploaded
from app.channels.adapters.zulip_server import (
    NO_REALM,
    STRANGER,
    Asked,
    Refusal,
    held,
    missing,
    place_of,
    refusal,
    request,
    sends_picture,
    slow_down,
    success,
)
from app.channels.markup.commonmark import ZULIP
from app.channels.port import NOTHING, Checked, Credential, Given, Outcome, Picture, Post, Posted, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply
from app.core.limits import Limit

LONGEST = 10_000  # code points [1]; the server cuts what is longer and says yes

_ALL = "@**all** "
_SILENCE = "\u200b"  # zero width: behind it the server reads no mention

_ADDRESS = re.compile(r"([1-9][0-9]{0,9}):(\S|\S.{0,58}\S)", re.ASCII)
_CALLS = re.compile(r"@(?=_?\*)")  # @**name**, @*group*, and their silent forms

# The server's English words where one code, BAD_REQUEST, means many things; nothing was posted in any case.
_CLOSED = re.compile(
    r"not authorized to send to|permission to post in|can send to this (channel|stream)", re.IGNORECASE
)
_GONE_ALREADY = re.compile(r"already deleted", re.IGNORECASE)
_UNSEEN = re.compile(r"invalid message", re.IGNORECASE)


def _quiet(text: str) -> str:
    """The text, in which nobody is called."""
    return _CALLS.sub("@" + _SILENCE, text)


class Zulip:
    """There is no idempotency key: a lost line stays unknown."""

    name = "zulip"
    platform = "zulip"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ("email", "api_key")
    url_addresses = False
    keyed: float | None = None
    recall_within: float | None = None
    edit_within: float | None = None
    limits: tuple[Limit, ...] = paced("zulip")
    size = Size(LONGEST - len(_ALL), Unit.CODE_POINTS, sent=_quiet)
    marked_size = size
    beside_picture = size.most - 500  # where the picture lies is named in the text
    calls_everyone: Literal[True] = True
    dialect = ZULIP

    def __init__(self) -> None:
        self._pictures = Tokens(fetch_s=UPLOAD_S)

    def address_problem(self, address: str) -> str | None:
        if _ADDRESS.fullmatch(address):
            return None
        return (
            "A Zulip address is a channel's number, a colon and a topic of at most 60 characters, "
            "like 42:announcements; the number stands in the channel's link."
        )

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        if post.picture is None or missing(post) is not None:
            return NOTHING
        return await given_picture(self._pictures, _upload(post, post.picture, http))

    async def post(self, post: Post, http: Http) -> Outcome:
        if (lack := missing(post)) is not None:
            return lack
        text = _words(post)
        if len(text) > LONGEST:
            return too_long(self.size)
        if post.picture is not None:
            text = f"[{post.picture.filename}]({post.given.picture})\n{text}"
        channel, _, topic = post.address.partition(":")
        form = {"type": "stream", "to": channel, "topic": topic, "content": text}
        reply = await say(http, request(post, "POST", "messages", form))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        if (lack := missing(posted)) is not None:
            return lack
        if not posted.message_id.isdecimal():
            return Outcome(Verdict.CONTENT_REFUSED, "no_number", "This is no message of Zulip's; nothing was sent.")
        reply = await take_back(http, request(posted, "DELETE", f"messages/{posted.message_id}"))
        if isinstance(reply, Outcome):
            return reply
        return await _looked_for(posted, http) if _hidden(reply) else _taken_back(reply, posted)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        """As long as the organization lets people edit. A message that was deleted, or that the bot does not see any
        more, is refused in the same words."""
        if (lack := missing(post)) is not None:
            return lack
        if not message_id.isdecimal():
            return Outcome(Verdict.CONTENT_REFUSED, "no_number", "This is no message of Zulip's; nothing was sent.")
        text = _words(post)
        if len(text) > LONGEST:
            return too_long(self.size)
        asked = request(post, "PATCH", f"messages/{message_id}", {"content": text})
        reply = await say(http, asked, doubt="The message may have the new words")
        if isinstance(reply, Outcome) or success(reply) is None:
            return reply if isinstance(reply, Outcome) else _understood(reply, post)
        return Outcome(Verdict.SENT, "success", "The message has the new words.")

    async def check(self, credential: Credential, http: Http) -> Checked:
        if (lack := missing(credential)) is not None:
            return fails(lack)
        reply = await ask(http, request(credential, "GET", "users/me"))
        return reply if isinstance(reply, Checked) else _told(reply, credential)


def _upload(post: Post, picture: Picture, http: Http) -> Ask:
    """A picture lies in the organization, whichever channel it will be shown in."""

    async def upload() -> Token | Outcome:
        reply = await say(http, sends_picture(post, picture))
        if isinstance(reply, Outcome):
            return not_uploaded(reply)
        return place_of(reply) or not_uploaded(_understood(reply, post))

    account = account_of(post.base_url or "", post.secret["email"], post.secret["api_key"], picture.id)
    return Ask(account, post.at, upload, lambda _: False)


def _words(post: Post) -> str:
    text = _quiet(post.marked or post.text)
    return f"{_ALL}{text}" if post.mention_all else text


def _understood(reply: Reply, post: Post) -> Outcome:
    answer, refused = success(reply), refusal(reply)
    if answer is not None:
        number = whole(answer.get("id"))
        if number is None:
            return unforeseen(reply, "Zulip said yes without naming a message; it may have been posted.")
        return Outcome(Verdict.SENT, "success", "Zulip took the message.", message_id=str(number))
    if held(reply, refused):
        return slow_down(reply, post)
    if refused is not None and reply.status < 500:
        return _refused(refused, post)
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    return broken or unforeseen(reply, "The answer is not one of Zulip's; the message may have been posted.")


def _refused(refused: Refusal, post: Post) -> Outcome:
    """The server checks before it posts: none of its refusals posted anything."""
    if (stranger := _stranger(refused, post)) is not None:
        return stranger
    said = because(refused.message, post)
    if refused.code == "STREAM_DOES_NOT_EXIST" or _CLOSED.search(refused.message):
        return Outcome(Verdict.TARGET_GONE, refused.code, f"The bot cannot post in this channel{said}.")
    return Outcome(Verdict.CONTENT_REFUSED, refused.code, f"Zulip will not take this message{said}.")


def _stranger(refused: Refusal, asked: Asked) -> Outcome | None:
    if refused.code in STRANGER or refused.code == NO_REALM:
        detail = f"Zulip refuses this bot{because(refused.message, asked)}."
        return Outcome(Verdict.CREDENTIAL_REFUSED, refused.code, detail)
    return None


def _hidden(reply: Reply) -> bool:
    """Whether the message was deleted, or the bot may not see it any more: the server's words are the same."""
    refused = refusal(reply)
    return refused is not None and reply.status in {400, 404} and bool(_UNSEEN.match(refused.message))


async def _looked_for(posted: Posted, http: Http) -> Outcome:
    """A bot that still sees the channel would see its message in it."""
    channel = posted.address.partition(":")[0]
    reply = await take_back(http, request(posted, "GET", f"streams/{channel}"))
    if isinstance(reply, Reply) and success(reply) is not None:
        return taken_back()
    detail = "Zulip shows the bot neither the message nor its channel; the message may still stand."
    return Outcome(Verdict.AMBIGUOUS, "unseen", detail)


def _taken_back(reply: Reply, posted: Posted) -> Outcome:
    refused = refusal(reply)
    if success(reply) is not None or (refused is not None and _GONE_ALREADY.search(refused.message)):
        return taken_back()
    if held(reply, refused):
        return slow_down(reply, posted)
    if refused is None or reply.status >= 500:
        return in_doubt(reply)
    detail = f"Zulip will not take this message back{because(refused.message, posted)}."
    return _stranger(refused, posted) or Outcome(Verdict.CONTENT_REFUSED, refused.code, detail)


def _told(reply: Reply, credential: Credential) -> Checked:
    answer, refused = success(reply), refusal(reply)
    if answer is not None and whole(answer.get("user_id")) is not None:
        return works(f"Zulip knows this bot as “{quoted(answer.get('full_name'), credential)}”.")
    stranger = _stranger(refused, credential) if refused is not None and reply.status < 500 else None
    return fails(stranger) if stranger is not None else untold(reply)
