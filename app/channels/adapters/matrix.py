"""Matrix: a user says it in a room (client-server API, `m.room.message`). Platform facts: platforms.md, section 7."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from app.channels.adapters.answers import json_object, quoted, say
from app.channels.adapters.matrix_answers import looked_up, redacted, refuses_token, understood
from app.channels.adapters.matrix_tells import told
from app.channels.adapters.tokens import Ask, Token, Tokens, account_of, lent
from app.channels.adapters.uploads import UPLOAD_S, not_uploaded
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.markup.html import MATRIX
from app.channels.port import NOTHING, Checked, Credential, Given, Outcome, Picture, Post, Posted, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_API = "/_matrix/client/v3"
_MEDIA = "/_matrix/media/v3"
_KEYED_S = 29 * 60.0
"""Synapse keeps a transaction in its database for a day, where the token has a device; every other server that was
read keeps it in memory for half an hour at least. A minute of that is for the way."""

_ROOM = re.compile(r"![^\s:]+(:\S+)?|#[^\s:]+:\S+")
_TOKEN = re.compile(r"[!-~]+", re.ASCII)


class Matrix:
    """The transaction id in the path is the post's key: the same device may repeat it and gets the same event. The
    words go out as `m.text`; a notice would ring nobody. With `m.mentions` present, only who is named there is
    called."""

    name = "matrix"
    platform = "matrix"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ("access_token",)
    optional_secret: tuple[str, ...] = ("hs_token", "user_id")
    url_addresses = False
    keyed: float | None = _KEYED_S
    recall_within: float | None = None
    edit_within: float | None = None
    # Synapse's default, 0.2 a second and ten at once, for all rooms of a user together [code + docs].
    limits: tuple[Limit, ...] = paced("matrix")
    # A whole event is 65 536 bytes at most [1, spec]. In it each quote, backslash and new line takes two.
    size = Size(30_000, Unit.BYTES)
    marked_size = Size(15_000, Unit.BYTES)  # the words stand beside it once more, without markup
    beside_picture = 0
    calls_everyone: Literal[True] = True
    dialect = MATRIX

    def __init__(self) -> None:
        self._pictures = Tokens(fetch_s=UPLOAD_S)

    def address_problem(self, address: str) -> str | None:
        if _ROOM.fullmatch(address) and address.isprintable() and len(address.encode()) <= 255:
            return None
        return "A Matrix address is a room's id, like !abc:example.org, or its alias, like #name:example.org."

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        room = await _looked_up(post, http) if post.address.startswith("#") else ""
        if isinstance(room, Outcome):
            return room
        if post.picture is None or _missing(post) is not None:
            return Given(chat=room) if room else NOTHING
        lies = await self._pictures.lend(_upload(post, post.picture, http))
        return lies if isinstance(lies, Outcome) else Given(chat=room, picture=lies)

    async def post(self, post: Post, http: Http) -> Outcome:
        return await _send(post, _shown(post, post.picture) if post.picture else _words(post), http)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        """By an event that replaces the first one. Who reads it with an old client sees both, the new one with `*`."""
        words = _words(post)
        body = {
            **words,
            "body": f"* {words['body']}",
            "m.new_content": words,
            "m.relates_to": {"rel_type": "m.replace", "event_id": message_id},
        }
        return await _send(post, body, http)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        """By a redaction, of any age. It has a key of its own: to one that it has seen in this room, whatever for,
        a server answers yes and does nothing."""
        post = Post(
            key=f"recall-{posted.message_id}",
            text="",
            at=posted.at,
            address=posted.address,
            secret=posted.secret,
            base_url=posted.base_url,
            given=posted.given,
        )
        if (missing := _missing(post)) is not None:
            return missing
        path = f"/rooms/{_room(post)}/redact/{_part(posted.message_id)}/{_part(post.key)}"
        reply = await say(http, _put(post, path, {}))
        return reply if isinstance(reply, Outcome) else redacted(reply, post)

    async def check(self, credential: Credential, http: Http) -> Checked:
        post = Post(
            key="", text="", at=credential.at, address="", secret=credential.secret, base_url=credential.base_url
        )
        missing = _missing(post)
        if missing is not None:
            return Checked(works=False, code=missing.code, detail=missing.detail)
        reply = await say(http, _get(post, "/account/whoami"))
        if isinstance(reply, Outcome):
            return Checked(works=None, code=reply.code, detail="The homeserver gave no answer that could be read.")
        return _known(reply, post)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)


async def _send(post: Post, event: Mapping[str, object], http: Http) -> Outcome:
    if (missing := _missing(post)) is not None:
        return missing
    reply = await say(http, _put(post, f"/rooms/{_room(post)}/send/m.room.message/{_part(post.key)}", event))
    return reply if isinstance(reply, Outcome) else understood(reply, post)


def _words(post: Post) -> dict[str, object]:
    return {
        "msgtype": "m.text",
        "body": f"@room {post.text}" if post.mention_all else post.text,
        "m.mentions": {"room": True} if post.mention_all else {},
        **_formatted(post),
    }


def _shown(post: Post, picture: Picture) -> dict[str, object]:
    """A picture that lies on the homeserver, as a message."""
    info = {"mimetype": picture.media_type, "size": len(picture.content)}
    return {"msgtype": "m.image", "body": picture.filename, "url": post.given.picture, "info": info, "m.mentions": {}}


def _upload(post: Post, picture: Picture, http: Http) -> Ask:
    """A picture lies on the homeserver, whichever room it will be shown in."""
    base = (post.base_url or "").rstrip("/")
    url = f"{base}{_MEDIA}/upload?filename={_part(picture.filename)}"
    request = Request(url, body=picture.content, headers={**_headers(post), "content-type": picture.media_type})

    async def upload() -> Token | Outcome:
        reply = await say(http, request)
        if isinstance(reply, Outcome):
            return not_uploaded(reply)
        address = (json_object(reply) or {}).get("content_uri") if reply.status == 200 else None
        found = lent(address, None) if str(address).startswith("mxc://") else None
        return found or not_uploaded(understood(reply, post))

    return Ask(account_of(base, post.secret["access_token"], picture.id), post.at, upload, lambda _: False)


def _missing(post: Post) -> Outcome | None:
    """What this account lacks to say anything. Without a homeserver of its own its token would go to a stranger."""
    if not post.base_url:
        detail = "This account has no homeserver; give its base_url, together with the access token."
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_homeserver", detail)
    if not _TOKEN.fullmatch(post.secret.get("access_token", "")):
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_token", "This account has no access token that could be sent.")
    return None


def _formatted(post: Post) -> dict[str, object]:
    if post.marked is None:
        return {}
    call = "<p>@room</p>" if post.mention_all else ""
    return {"format": "org.matrix.custom.html", "formatted_body": call + post.marked}


def _room(post: Post) -> str:
    return _part(post.given.chat or post.address)


async def _looked_up(post: Post, http: Http) -> str | Outcome:
    """The id of the room an alias means. Nothing is posted here, so every other outcome is a certain one."""
    if (missing := _missing(post)) is not None:
        return missing
    return looked_up(await say(http, _get(post, f"/directory/room/{_part(post.address)}")), post)


def _known(reply: Reply, post: Post) -> Checked:
    """Whose token it is, or why nobody's."""
    answer = json_object(reply) or {}
    user, refusal = answer.get("user_id"), refuses_token(reply, post)
    if refusal is not None:
        return Checked(works=False, code=refusal.code, detail=refusal.detail)
    if reply.status != 200 or not isinstance(user, str) or not user.startswith("@") or "errcode" in answer:
        detail = f"The server at this address gave no answer of a homeserver's ({reply.status})."
        return Checked(works=None, code=str(reply.status), detail=detail)
    known = f"The access token belongs to {quoted(user, post)}"
    if isinstance(answer.get("device_id"), str):
        return Checked(works=True, code="200", detail=f"{known}.")
    detail = f"{known}, and to no device: a homeserver that restarts forgets what such a token has posted."
    return Checked(works=True, code="200", detail=detail)


def _part(text: str) -> str:
    """One segment of a path."""
    return quote(text, safe="", errors="replace")


def _put(post: Post, path: str, body: Mapping[str, object]) -> Request:
    return Request(_url(post, path), "PUT", json=body, headers=_headers(post))


def _get(post: Post, path: str) -> Request:
    return Request(_url(post, path), "GET", headers=_headers(post))


def _url(post: Post, path: str) -> str:
    return f"{(post.base_url or '').rstrip('/')}{_API}{path}"


def _headers(post: Post) -> Mapping[str, str]:
    return {"authorization": f"Bearer {post.secret['access_token']}"}
