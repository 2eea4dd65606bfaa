"""What an app's posts carry unseen, and how they are found by it in a channel's history: message metadata and
`conversations.history`. Platform facts: docs.slack.dev, "Using message metadata" and the method's page; platforms.md
does not have them."""

from collections.abc import Mapping
from datetime import timedelta

from app.channels.adapters.answers import json_object
from app.channels.port import Outcome, Sought, Verdict
from app.core.http import Reply

METHOD = "conversations.history"
_EVENT = "muster_post"
_MOST = 200
_CLOCKS = timedelta(minutes=5)
"""So far apart Slack's clock and ours may be."""


def metadata(key: str) -> Mapping[str, object]:
    """What goes out with a message for programs alone."""
    return {"event_type": _EVENT, "event_payload": {"key": key}}


def asked_for(sought: Sought) -> Mapping[str, object]:
    oldest = f"{(sought.since - _CLOCKS).timestamp():.6f}"
    return {"channel": sought.address, "oldest": oldest, "limit": _MOST, "include_all_metadata": True}


def carrying(reply: Reply, key: str) -> str | Outcome | None:
    """The `ts` of the message with this key. A history of more pages than one says nothing where it is not on it."""
    answer = json_object(reply) or {}
    messages = answer.get("messages")
    if not isinstance(messages, list):
        return Outcome(Verdict.AMBIGUOUS, "no_messages", "Slack said yes without a list of messages.")
    for message in messages:
        if isinstance(message, dict) and message.get("metadata") == metadata(key):
            return str(message.get("ts") or "") or None
    if answer.get("has_more"):
        return Outcome(Verdict.AMBIGUOUS, "long_history", "So much was written since that one page does not tell.")
    return None
