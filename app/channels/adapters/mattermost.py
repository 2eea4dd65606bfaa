"""Mattermost incoming webhook: one URL, one channel. Platform facts: platforms.md, section 8."""

import re
from typing import Literal
from urllib.parse import urlsplit

from app.channels.adapters.answers import because, off_the_page, say, too_long, unforeseen
from app.channels.adapters.mattermost_server import LONGEST, SIZE, Refusal, refusal, slow_down, words
from app.channels.markup.commonmark import MATTERMOST
from app.channels.port import Outcome, Post, Size, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_PATH = re.compile(r"(/[^/?#]+)*/hooks/[A-Za-z0-9]{1,64}", re.ASCII)

# Beginnings of the server's error ids: nothing was posted, and nothing will be until someone mends the webhook.
_CONTENT = ("web.incoming_webhook.text", "web.incoming_webhook.parse", "web.incoming_webhook.decode")
_GONE = (
    "web.incoming_webhook.",
    "app.channel.get.",
    "api.context.404.",
    "api.context.permissions.",
    "api.post.create_post.can_not_post_to_deleted.",
    "api.post.create_post.town_square_read_only",
)
_DISABLED = "web.incoming_webhook.disabled.app_error"


class Mattermost:
    """The URL is the only credential, and the answer is two letters: nothing can be taken back."""

    name = "mattermost"
    platform = "mattermost"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("mattermost")
    size: Size = SIZE
    marked_size: Size = SIZE
    calls_everyone: Literal[True] = True
    dialect = MATTERMOST

    def address_problem(self, address: str) -> str | None:
        try:
            parts = urlsplit(address)
            sound = bool(parts.hostname) and parts.port != 0 and not parts.query and not parts.fragment
        except ValueError:
            sound = False
        if sound and parts.scheme in {"https", "http"} and _PATH.fullmatch(parts.path):
            return None  # http only reaches a host listed in MUSTER_ALLOWED_HOSTS
        return "A Mattermost address is the channel's incoming webhook, like https://chat.example.org/hooks/…"

    async def post(self, post: Post, http: Http) -> Outcome:
        text = words(post)
        if len(text) > LONGEST:
            return too_long(self.size)  # the server would make several posts of it
        reply = await say(http, Request(post.address, json={"text": text}))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _understood(reply: Reply, post: Post) -> Outcome:
    if reply.status == 200 and reply.body.strip() == b"ok":
        return Outcome(Verdict.SENT, "ok", "Mattermost took the message.")
    if reply.status == 429:
        return slow_down(reply, post)
    refused = refusal(reply)
    if refused is not None and (reply.status < 500 or refused.id == _DISABLED):
        return _refused(refused, post)
    broken = off_the_page(reply, redirect=Verdict.TARGET_GONE)
    return broken or unforeseen(reply, "The answer is not one of Mattermost's; the message may have been posted.")


def _refused(refused: Refusal, post: Post) -> Outcome:
    """The server checks before it posts: none of its refusals posted anything."""
    said = because(refused.message, post)
    if refused.id.startswith(_GONE) and not refused.id.startswith(_CONTENT):
        detail = f"This webhook or its channel was removed, closed or switched off{said}."
        return Outcome(Verdict.TARGET_GONE, refused.id, detail)
    return Outcome(Verdict.CONTENT_REFUSED, refused.id, f"Mattermost will not take this message{said}.")
