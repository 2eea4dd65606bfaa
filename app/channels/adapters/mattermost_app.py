"""Mattermost by a bot's token: `POST /api/v4/posts` in a channel. Platform facts: platforms.md, section 8."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from app.channels.adapters.afterwards import fails, in_doubt, take_back, taken_back, untold, works
from app.channels.adapters.answers import ask, because, json_object, off_the_page, quoted, say, too_long, unforeseen
from app.channels.adapters.mattermost_files import laid
from app.channels.adapters.mattermost_server import LONGEST, SIZE, Refusal, refusal, slow_down, words
from app.channels.adapters.uploads import uploaded
from app.channels.markup.commonmark import MATTERMOST
from app.channels.port import NOTHING, Checked, Credential, Given, Outcome, Picture, Post, Posted, Size, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_ID = re.compile(r"[a-z0-9]{26}", re.ASCII)

# Beginnings of the server's error ids: this bot cannot post in this channel.
_GONE = (
    "api.context.permissions.",
    "app.channel.get.",
    "api.post.create_post.can_not_post_to_deleted.",
    "api.post.create_post.can_not_post_in_restricted_dm.",
    "api.post.create_post.town_square_read_only",
)


class MattermostApp:
    """`pending_post_id` goes along with each post, but protects nothing we could promise: it is remembered for 30 s,
    by one node, and stands in no public schema. So a lost line stays unknown."""

    name = "mattermost_app"
    platform = "mattermost"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ("access_token",)
    url_addresses = False
    keyed: float | None = None
    recall_within: float | None = None
    edit_within: float | None = None
    limits: tuple[Limit, ...] = paced("mattermost_app")
    size: Size = SIZE
    marked_size: Size = SIZE
    beside_picture = SIZE.most
    calls_everyone: Literal[True] = True
    dialect = MATTERMOST

    def address_problem(self, address: str) -> str | None:
        if _ID.fullmatch(address):
            return None
        return "A Mattermost address is a channel's id: 26 small letters and digits, from View Info of the channel."

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        if post.picture is None or _missing(post) is not None:
            return NOTHING
        lies = await uploaded(_lies(post, post.picture, http))
        return lies if isinstance(lies, Outcome) else Given(picture=lies)

    async def post(self, post: Post, http: Http) -> Outcome:
        if (lack := _missing(post)) is not None:
            return lack
        text = words(post)
        if len(text) > LONGEST:
            return too_long(self.size)
        files = {"file_ids": [post.given.picture]} if post.picture else {}
        body = {"channel_id": post.address, "message": text, "pending_post_id": post.key, **files}
        reply = await say(http, Request(_url(post, "posts"), json=body, headers=_bearer(post)))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        if (lack := _missing(posted)) is not None:
            return lack
        url = _url(posted, f"posts/{quote(posted.message_id, safe='')}")
        reply = await take_back(http, Request(url, method="DELETE", headers=_bearer(posted)))
        return reply if isinstance(reply, Outcome) else _taken_back(reply, posted)

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        if (lack := _missing(post)) is not None:
            return lack
        text = words(post)
        if len(text) > LONGEST:
            return too_long(self.size)
        url = _url(post, f"posts/{quote(message_id, safe='')}/patch")
        request = Request(url, method="PUT", json={"message": text}, headers=_bearer(post))
        reply = await say(http, request, doubt="The message may have the new words")
        return reply if isinstance(reply, Outcome) else _understood(reply, post)

    async def check(self, credential: Credential, http: Http) -> Checked:
        if (lack := _missing(credential)) is not None:
            return fails(lack)
        reply = await ask(http, Request(_url(credential, "users/me"), method="GET", headers=_bearer(credential)))
        return reply if isinstance(reply, Checked) else _told(reply, credential)


async def _lies(post: Post, picture: Picture, http: Http) -> str | Outcome:
    """The picture in this channel, not posted yet."""
    found = await laid(http, Request(_url(post, "files"), headers=_bearer(post)), post.address, picture)
    return _understood(found, post) if isinstance(found, Reply) else found


def _missing(asked: Post | Posted | Credential) -> Outcome | None:
    """For an account that cannot work at all."""
    if not asked.secret.get("access_token"):
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_token", "This account has no access token.")
    if not asked.base_url:
        detail = "This account has no base URL; Mattermost runs on a server of your own."
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_base_url", detail)
    return None


def _url(asked: Post | Posted | Credential, what: str) -> str:
    return f"{(asked.base_url or '').rstrip('/')}/api/v4/{what}"


def _bearer(asked: Post | Posted | Credential) -> Mapping[str, str]:
    return {"authorization": f"Bearer {asked.secret['access_token']}"}


def _understood(reply: Reply, post: Post) -> Outcome:
    if reply.status in {200, 201}:
        return _accepted(reply, post)
    if reply.status == 429:
        return slow_down(reply, post)
    if reply.status == 401:
        return _stranger()
    refused = refusal(reply)
    if refused is not None and reply.status < 500:
        return _refused(refused, post)
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    return broken or unforeseen(reply, "The answer is not one of Mattermost's; the message may have been posted.")


def _accepted(reply: Reply, post: Post) -> Outcome:
    answer = json_object(reply) or {}
    number, where = answer.get("id"), answer.get("channel_id")
    if not isinstance(number, str) or not _ID.fullmatch(number) or where != post.address:
        return unforeseen(reply, "Mattermost said yes without naming a post in this channel; it may have been posted.")
    return Outcome(Verdict.SENT, str(reply.status), "Mattermost took the message.", message_id=number)


def _stranger() -> Outcome:
    return Outcome(Verdict.CREDENTIAL_REFUSED, "401", "Mattermost does not know this access token, or it was revoked.")


def _refused(refused: Refusal, post: Post) -> Outcome:
    """The server checks before it posts: none of its refusals posted anything."""
    said = because(refused.message, post)
    nowhere = refused.id.startswith("api.context.invalid_") and "channel_id" in str(refused.message)
    if refused.id.startswith(_GONE) or nowhere:
        return Outcome(Verdict.TARGET_GONE, refused.id, f"The bot cannot post in this channel{said}.")
    return Outcome(Verdict.CONTENT_REFUSED, refused.id, f"Mattermost will not take this message{said}.")


def _taken_back(reply: Reply, posted: Posted) -> Outcome:
    """Deleting is safe to repeat: what is gone is `app.post.get.app_error`."""
    refused = refusal(reply)
    if reply.status == 200 and (json_object(reply) or {}).get("status") == "OK":
        return taken_back()
    if reply.status == 404 and refused is not None and refused.id == "app.post.get.app_error":
        return taken_back()
    if reply.status == 429:
        return slow_down(reply, posted)
    if reply.status == 401:
        return _stranger()
    if refused is not None and reply.status < 500:
        said = because(refused.message, posted)
        return Outcome(Verdict.CONTENT_REFUSED, refused.id, f"Mattermost will not take this message back{said}.")
    return in_doubt(reply)


def _told(reply: Reply, credential: Credential) -> Checked:
    answer = json_object(reply) or {}
    name = answer.get("username")
    if reply.status == 200 and isinstance(answer.get("id"), str) and isinstance(name, str):
        return works(f"Mattermost knows this token as @{quoted(name, credential)}.")
    refused = refusal(reply)
    if refused is None or reply.status not in {401, 403}:
        return untold(reply)
    detail = f"Mattermost refuses this token{because(refused.message, credential)}."
    return fails(Outcome(Verdict.CREDENTIAL_REFUSED, refused.id, detail))
