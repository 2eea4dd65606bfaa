"""What an app's posts carry unseen, and how they are found by it in a channel's history: message metadata and
`conversations.history`. Platform facts: docs.slack.dev, "Using message metadata" and the method's page; platforms.md
does not have them."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from app.channels.adapters.answers import json_object
from app.channels.port import Outcome, Sought, Verdict
from app.core.http import Reply

METHOD = "conversations.history"
TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,8}", re.ASCII)
_EVENT = "muster_post"
_PAGE = 15
"""As many as an app may ask for that is not in Slack's Marketplace; and such a page is no longer than we read."""
_PAGES = 10
_CLOCKS = timedelta(minutes=5)
"""So far apart Slack's clock and ours may be."""

Ask = Callable[[Mapping[str, str]], Awaitable[Mapping[str, object] | Outcome]]


def metadata(key: str) -> Mapping[str, object]:
    """What goes out with a message for programs alone."""
    return {"event_type": _EVENT, "event_payload": {"key": key}}


async def carrying(sought: Sought, ask: Ask) -> str | Outcome | None:
    """The `ts` of the message with this key, read from the newest backwards. Of a history that is longer than is read
    nothing is known."""
    oldest = f"{(sought.since - _CLOCKS).timestamp():.6f}"
    asked = {"channel": sought.address, "oldest": oldest, "limit": str(_PAGE), "include_all_metadata": "true"}
    for _ in range(_PAGES):
        answer = await ask(asked)
        if isinstance(answer, Outcome):
            return answer
        messages = answer.get("messages")
        if not isinstance(messages, list):
            return Outcome(Verdict.AMBIGUOUS, "no_messages", "Slack said yes without a list of messages.")
        if found := next(filter(None, (_mine(one, sought.key) for one in messages)), None):
            return found
        further = answer.get("response_metadata")
        cursor = further.get("next_cursor") if isinstance(further, dict) else None
        if not answer.get("has_more") or not isinstance(cursor, str) or not cursor:
            return None
        asked["cursor"] = cursor
    return Outcome(Verdict.CONTENT_REFUSED, "long_history", "More was written since than is read.")


def read(reply: Reply) -> Mapping[str, object] | None:
    """Slack's yes."""
    answer = json_object(reply) or {}
    return answer if reply.status == 200 and answer.get("ok") is True else None


def _mine(message: object, key: str) -> str | None:
    if not isinstance(message, dict) or message.get("metadata") != metadata(key):
        return None
    ts = None if message.get("subtype") == "tombstone" else message.get("ts")  # what was deleted does not stand
    return ts if isinstance(ts, str) and TS.fullmatch(ts) else None
