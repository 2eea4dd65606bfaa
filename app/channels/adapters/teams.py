"""Microsoft Teams by a Workflows webhook: one URL, one chat or channel. Platform facts: platforms.md, section 10."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from app.channels.adapters.answers import (
    because,
    json_object,
    off_the_page,
    quoted,
    retry_after,
    say,
    throttled,
    too_long,
    unforeseen,
)
from app.channels.markup.commonmark import TEAMS
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

LONGEST_BODY = 28 * 1024  # bytes [1]

_DEFAULT_WAIT_S = 10.0  # "use exponential backoff": no wait is documented
_PATH = re.compile(r"(/[^/?#]+)*/workflows/[A-Za-z0-9-]{8,64}/triggers/[A-Za-z0-9_-]{1,64}/paths/invoke/?", re.ASCII)
_LEGACY = re.compile(rb"HTTP error (\d{3})")  # what the old connectors wrote into a 200

_GONE = {
    "WorkflowTriggerIsNotEnabled": "the workflow is switched off or was deleted",
    "WorkflowNotFound": "the workflow was deleted",
    "WorkflowTriggerNotFound": "the workflow has another trigger now",
    "DirectApiAuthorizationRequired": "the address lacks its signature, or only members may call the workflow",
}


class Teams:
    """`sig` in the URL is the only credential. A 202 says that a flow will run, and nobody tells us how it ended: the
    most that comes out here is HANDED_OVER. A card without mention entities calls nobody, whatever its text says."""

    name = "teams"
    platform = "teams"
    hosts: tuple[str, ...] = (".logic.azure.com", ".environment.api.powerplatform.com")
    account_secret: tuple[str, ...] = ()
    url_addresses = True
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("teams")
    dialect = TEAMS
    size = marked_size = Size(21_000, Unit.BYTES)  # [1] what others found to work of the 28 KB that the body may have

    def address_problem(self, address: str) -> str | None:
        try:
            parts = urlsplit(address)
            signed = len(parse_qs(parts.query, max_num_fields=10).get("sig", [])) == 1
        except ValueError:
            return _problem()
        sound = parts.scheme in {"https", "http"} and not parts.fragment  # http only reaches a listed host
        return None if sound and signed and _PATH.fullmatch(parts.path) else _problem()

    async def post(self, post: Post, http: Http) -> Outcome:
        body = json.dumps(_card(post.marked or post.text), ensure_ascii=False).encode(errors="replace")
        if len(body) > LONGEST_BODY:
            return too_long(self.size)  # a 202 may hide that the flow choked on it
        reply = await say(http, Request(post.address, body=body, headers={"content-type": "application/json"}))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)


def _problem() -> str:
    return (
        "A Teams address is the URL of a workflow's trigger, "
        "like https://….logic.azure.com/workflows/…/triggers/manual/paths/invoke?…&sig=…"
    )


def _card(text: str) -> Mapping[str, object]:
    """One block of text over the chat's full width. In a card's Markdown only an empty line ends a line."""
    block = {"type": "TextBlock", "text": text.replace("\n", "\n\n"), "wrap": True}
    content = {"type": "AdaptiveCard", "version": "1.4", "body": [block], "msteams": {"width": "Full"}}
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [card]}


def _understood(reply: Reply, post: Post) -> Outcome:
    broken = off_the_page(reply, redirect=Verdict.TARGET_GONE)
    if broken is not None:
        return broken
    legacy = _LEGACY.search(reply.body) if reply.status in {200, 202} else None
    status = int(legacy[1]) if legacy else reply.status
    if status == 429:
        return throttled("429", retry_after(reply, now=post.at) or _DEFAULT_WAIT_S)
    if status == 413:
        return Outcome(Verdict.CONTENT_REFUSED, "413", "Teams will not take this message: it is too large.")
    if reply.status == 202 and legacy is None:
        return _accepted(reply)
    if reply.status == 200 and not reply.body.strip():
        return _accepted(reply)
    return _refused(reply, post)


def _accepted(reply: Reply) -> Outcome:
    detail = "The workflow was started; Teams never tells whether it posted the message."
    return Outcome(Verdict.HANDED_OVER, str(reply.status), detail)


def _refused(reply: Reply, post: Post) -> Outcome:
    """The trigger's own refusals come before the flow runs."""
    error = (json_object(reply) or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if reply.status < 400 or not isinstance(error, dict) or not isinstance(code, str) or not code:
        return unforeseen(reply, "The answer is not one of Teams'; the message may have been posted.")
    shown, words = quoted(code, post), because(error.get("message"), post)
    if code in _GONE or reply.status in {401, 403, 404}:
        reason = f": {_GONE[code]}" if code in _GONE else words
        return Outcome(Verdict.TARGET_GONE, shown, f"This workflow cannot be reached any more{reason}.")
    if reply.status == 400:
        return Outcome(Verdict.CONTENT_REFUSED, shown, f"The workflow will not take this message{words}.")
    return unforeseen(reply, f"Teams answered with an error that no page of its manual explains{words}.")
