"""Slack's incoming webhook: one URL, one channel. Platform facts: platforms.md, section 5a."""

import re
from typing import Literal
from urllib.parse import urlsplit

from app.channels.adapters.answers import off_the_page, say, unforeseen
from app.channels.adapters.slack_answers import MARKED_SIZE, SIZE, message, slow_down
from app.channels.markup.mrkdwn import SLACK
from app.channels.port import Outcome, Post, Size, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

_PATH = re.compile(r".*/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]+", re.ASCII)
_WORD = re.compile(r"[a-z]+(?:_[a-z]+)+", re.ASCII)

# Slack moved its status codes once and documents few of them: the word decides.
_GONE = {
    "action_prohibited": "an administrator does not let it post",
    "channel_is_archived": "its channel is archived",
    "channel_not_found": "its channel does not exist any more",
    "invalid_token": "its address was withdrawn",
    "no_active_hooks": "it was switched off",
    "no_service": "it was removed or never existed",
    "no_service_id": "its address is not whole",
    "no_team": "its workspace does not exist",
    "posting_to_general_channel_denied": "an administrator does not let it post into the workspace's main channel",
    "team_disabled": "its workspace was switched off",
}
_CONTENT = {
    "invalid_blocks": "it is not laid out as Slack wants it",
    "invalid_payload": "it is not written as Slack wants it",
    "no_text": "there is no text in it",
    "too_many_attachments": "it has too many attachments",
    "user_not_found": "it is meant for a person who does not exist",
}


class Slack:
    """The URL is the only credential. The answer is one plain word; it names no message, so none is taken back."""

    name = "slack"
    platform = "slack"
    hosts: tuple[str, ...] = ("hooks.slack.com",)
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("slack")
    size: Size = SIZE
    marked_size = MARKED_SIZE
    calls_everyone: Literal[True] = True
    dialect = SLACK

    def address_problem(self, address: str) -> str | None:
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme in {"https", "http"} and _PATH.fullmatch(parts.path) and not parts.query and not parts.fragment:
            return None
        return "A Slack webhook's address is its whole URL, https://hooks.slack.com/services/T…/B…/…"

    async def post(self, post: Post, http: Http) -> Outcome:
        reply = await say(http, Request(post.address, json=message(post)))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _understood(reply: Reply, post: Post) -> Outcome:
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    word = reply.body[:80].decode(errors="replace").strip()
    if reply.status == 429 or word in {"rate_limited", "ratelimited"}:
        return slow_down(reply, now=post.at)
    if reply.status == 200 and word == "ok":
        return Outcome(Verdict.SENT, "ok", "Slack took the message.")
    refusal = _refusal(reply.status, word)
    return refusal or unforeseen(reply, "The answer is not one of Slack's; the message may have been posted.")


def _refusal(status: int, word: str) -> Outcome | None:
    """What a word that is no yes means, or None for what is no word of Slack's. One in Slack's manner that no page
    lists stays unsaid: nobody knows what it repeats."""
    if word in _GONE:
        return Outcome(Verdict.TARGET_GONE, word, f"This webhook cannot be reached: {_GONE[word]}.")
    if word in _CONTENT:
        return Outcome(Verdict.CONTENT_REFUSED, word, f"Slack will not take this message: {_CONTENT[word]}.")
    if not (400 <= status < 500 and _WORD.fullmatch(word)):
        return None
    if status in {403, 404, 410}:
        return Outcome(Verdict.TARGET_GONE, str(status), f"Slack does not let this webhook post ({status}).")
    return Outcome(Verdict.CONTENT_REFUSED, str(status), f"Slack will not take this message ({status}).")
