"""Telegram: a bot says it in a chat, takes it back, rewords it, is asked who it is (Bot API: `sendMessage`,
`sendPhoto`, `deleteMessage`, `editMessageText`, `pinChatMessage`, `getMe`). Platform facts: platforms.md, section 4."""

import re
from urllib.parse import quote

from app.channels.adapters.answers import ask, say
from app.channels.adapters.mentions import uncalled
from app.channels.adapters.telegram_answers import (
    deleted,
    edited,
    file_in,
    known,
    nobody_knows,
    pinned,
    posted_as,
    unknown_file,
)
from app.channels.adapters.telegram_tells import told
from app.channels.adapters.telegram_waits import Waits
from app.channels.adapters.tokens import account_of
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.markup.html import TELEGRAM
from app.channels.port import Checked, Credential, Outcome, Picture, Post, Posted, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import File, Http, Reply, Request
from app.core.limits import Limit

_BASE = "https://api.telegram.org"

MOST_LYING = 63
"""Pictures and bots whose names are remembered besides the latest."""

_ID = re.compile(r"-?[1-9][0-9]{0,18}", re.ASCII)
_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)
_MESSAGE = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)

_NO_TOKEN = Outcome(Verdict.CREDENTIAL_REFUSED, "no_token", "This account has no bot token.")
_FORGOTTEN = Outcome(
    Verdict.NOT_SENT, "picture_forgotten", "Telegram no longer knows the picture, and posted nothing.", wait_s=0.0
)


class Telegram:
    """Bots cannot read a group's history and have no idempotency key: a lost line stays unknown."""

    name = "telegram"
    platform = "telegram"
    hosts: tuple[str, ...] = ("api.telegram.org",)
    account_secret: tuple[str, ...] = ("bot_token",)
    optional_secret: tuple[str, ...] = ("webhook_secret",)
    url_addresses = False
    keyed: float | None = None
    recall_within: float | None = 48 * 3600.0
    edit_within: float | None = None
    limits: tuple[Limit, ...] = paced("telegram")
    size = Size(4096, Unit.CODE_POINTS)
    marked_size = size  # the server counts without the tags: we are on the safe side
    beside_picture = 1024  # a caption
    dialect = TELEGRAM

    def __init__(self) -> None:
        self._lying: dict[str, str] = {}
        """What Telegram calls pictures that a bot has posted already."""
        self._waits = Waits()

    def address_problem(self, address: str) -> str | None:
        if _ID.fullmatch(address) or _NAME.fullmatch(address):
            return None
        return "A Telegram address is a chat's number, like -1001234567890, or a public name, like @my_channel."

    async def post(self, post: Post, http: Http) -> Outcome:
        """Text without a preview; a name in it calls nobody. Calling everyone is not Telegram's to offer."""
        if not post.secret.get("bot_token"):
            return _NO_TOKEN
        reply = await (self._show(post, post.picture, http) if post.picture else say(http, _message(post)))
        return self._waits.heed(reply if isinstance(reply, Outcome) else posted_as(reply, post), post)

    async def _show(self, post: Post, picture: Picture, http: Http) -> Reply | Outcome:
        """The picture itself the first time, afterwards by the name Telegram gave it. A name it does not know any more
        is refused, and then nothing was posted; it goes back to wait, for a stop may have come since."""
        known = account_of(post.base_url or _BASE, post.secret["bot_token"], picture.id)
        if known in self._lying:
            reply = await say(http, _photo_again(post, self._lying[known]))
            if isinstance(reply, Outcome) or not unknown_file(reply):
                return reply
            self._lying.pop(known, None)
            return _FORGOTTEN
        reply = await say(http, _photo(post, picture))
        if isinstance(reply, Reply) and (name := file_in(reply)):
            self._lying = {**dict(list(self._lying.items())[-MOST_LYING:]), known: name}
        return reply

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        """Bots delete their own messages for 48 h; one that is not there any more is as good as deleted."""
        if not posted.secret.get("bot_token"):
            return _NO_TOKEN
        if not _MESSAGE.fullmatch(posted.message_id):
            return Outcome(Verdict.CONTENT_REFUSED, "no_message", "No Telegram message has this number.")
        body = {"chat_id": _chat(posted.address), "message_id": int(posted.message_id)}
        reply = await say(http, Request(_url(posted, "deleteMessage"), json=body))
        return nobody_knows(self._waits.heed(reply if isinstance(reply, Outcome) else deleted(reply, posted), posted))

    async def pin(self, posted: Posted, http: Http) -> Outcome:
        """Without ringing once more. It takes the right to pin; a message that is pinned already is pinned again."""
        if not posted.secret.get("bot_token"):
            return _NO_TOKEN
        if not _MESSAGE.fullmatch(posted.message_id):
            return Outcome(Verdict.CONTENT_REFUSED, "no_message", "No Telegram message has this number.")
        body = {"chat_id": _chat(posted.address), "message_id": int(posted.message_id), "disable_notification": True}
        reply = await say(http, Request(_url(posted, "pinChatMessage"), json=body), doubt="It may be pinned")
        return self._waits.heed(reply if isinstance(reply, Outcome) else pinned(reply, posted), posted)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        """Bots edit their own messages at any age. In an upgraded group the old numbers name other messages."""
        if not post.secret.get("bot_token"):
            return _NO_TOKEN
        if not _MESSAGE.fullmatch(message_id):
            return Outcome(Verdict.CONTENT_REFUSED, "no_message", "No Telegram message has this number.")
        body = {**_words(post), "message_id": int(message_id)}
        reply = await say(http, Request(_url(post, "editMessageText"), json=body))
        return self._waits.heed(reply if isinstance(reply, Outcome) else edited(reply, post), post)

    async def check(self, credential: Credential, http: Http) -> Checked:
        """Who the token belongs to."""
        if not credential.secret.get("bot_token"):
            return Checked(works=False, code=_NO_TOKEN.code, detail=_NO_TOKEN.detail)
        reply = await ask(http, Request(_url(credential, "getMe"), method="GET"))
        return reply if isinstance(reply, Checked) else known(reply, credential)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)


def _words(post: Post) -> dict[str, object]:
    return {
        "chat_id": _chat(post.address),
        "text": uncalled(post.marked or post.text),
        "link_preview_options": {"is_disabled": True},
        **({"parse_mode": "HTML"} if post.marked else {}),
    }


def _message(post: Post) -> Request:
    return Request(_url(post, "sendMessage"), json=_words(post))


def _photo_again(post: Post, name: str) -> Request:
    words = _words(post)
    marked = {"parse_mode": words["parse_mode"]} if "parse_mode" in words else {}
    return Request(
        _url(post, "sendPhoto"), json={"chat_id": words["chat_id"], "photo": name, "caption": words["text"], **marked}
    )


def _photo(post: Post, picture: Picture) -> Request:
    """A form with the picture itself; the words are its caption."""
    marked = {"parse_mode": "HTML"} if post.marked else {}
    form = {"chat_id": post.address, "caption": uncalled(post.marked or post.text), **marked}
    file = File("photo", picture.filename, picture.media_type, picture.content)
    return Request(_url(post, "sendPhoto"), form=form, file=file)


def _chat(address: str) -> int | str:
    return int(address) if _ID.fullmatch(address) else address


def _url(about: Post | Posted | Credential, method: str) -> str:
    base = (about.base_url or _BASE).rstrip("/")
    return f"{base}/bot{quote(about.secret['bot_token'], safe=':')}/{method}"
