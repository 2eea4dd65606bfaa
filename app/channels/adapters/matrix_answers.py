"""What a Matrix homeserver's answers mean. Platform facts: platforms.md, section 7; the words are the specification's
and Synapse's own."""

import re
from collections.abc import Mapping
from dataclasses import replace

from app.channels.adapters.answers import (
    json_object,
    off_the_page,
    quoted,
    retry_after,
    throttled,
    unforeseen,
    wait_of,
    whole,
)
from app.channels.port import Outcome, Post, Verdict
from app.core.http import Reply
from app.core.limits import Scope

_DEFAULT_WAIT_S = 5.0  # in which Synapse's default limit lets one more through

_ERRCODE = re.compile(r"[A-Z][A-Z0-9_.]{1,63}", re.ASCII)
_EVENT = re.compile(r"\$\S{1,254}")

_CREDENTIAL = {
    "M_UNKNOWN_TOKEN": "it does not know this access token, or it was revoked",
    "M_MISSING_TOKEN": "it saw no access token",
    "M_USER_LOCKED": "its administrator locked this user",
    "M_USER_SUSPENDED": "its administrator suspended this user",
    "M_USER_DEACTIVATED": "this user is deactivated",
    "M_CONSENT_NOT_GIVEN": "this user has to agree to its terms first",
    "M_UNRECOGNIZED": "it does not know what we ask of it; check the address of the homeserver",
}
_TARGET = {
    "M_FORBIDDEN": "this user may not post in this room",
    "M_NOT_FOUND": "there is no such room",
    "M_GUEST_ACCESS_FORBIDDEN": "guests may not post in this room",
}


def understood(reply: Reply, post: Post) -> Outcome:
    """The answer to an event that was to stand in a room."""
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    answer = json_object(reply)
    word = _word(reply)
    if reply.status == 429 or word == "M_LIMIT_EXCEEDED":
        return _slow_down(reply, answer or {}, post)
    refusal = refuses_token(reply, post)
    if refusal is not None:
        return refusal
    if word:
        return _refused(word, answer or {}, post)
    event = answer.get("event_id") if answer is not None and "errcode" not in answer else None
    if reply.status == 200 and isinstance(event, str) and _EVENT.fullmatch(event):
        return Outcome(Verdict.SENT, "200", "The homeserver took the message.", message_id=event)
    return unforeseen(reply, "The answer is not one of a homeserver's; the message may have been posted.")


def redacted(reply: Reply, post: Post) -> Outcome:
    """The answer to a redaction. A message that was redacted before is redacted once more, with a yes."""
    found = understood(reply, post)
    if found.verdict is Verdict.SENT:
        return Outcome(Verdict.SENT, found.code, "The message was taken back.")
    if found.code == "M_NOT_FOUND":
        return Outcome(Verdict.CONTENT_REFUSED, found.code, "The homeserver does not know this message any more.")
    return found


def looked_up(reply: Reply | Outcome, post: Post) -> str | Outcome:
    """The id of the room that an alias means, or why it cannot be had: nothing was posted yet."""
    if isinstance(reply, Outcome):
        return Outcome(Verdict.NOT_SENT, reply.code, "The room could not be looked up; nothing was posted.")
    answer = json_object(reply) or {}
    room = answer.get("room_id")
    if reply.status == 200 and isinstance(room, str) and room.startswith("!") and "errcode" not in answer:
        return room
    found = understood(reply, post)
    if found.verdict in {Verdict.AMBIGUOUS, Verdict.SENT}:
        detail = f"The homeserver could not say which room this alias means ({reply.status}); nothing was posted."
        return Outcome(Verdict.NOT_SENT, found.code, detail)
    if _word(reply) and found.verdict is Verdict.CONTENT_REFUSED:
        words = quoted(answer.get("error"), post)
        return Outcome(Verdict.TARGET_GONE, found.code, f"The homeserver takes this for no alias: {words}.")
    return found


def refuses_token(reply: Reply, post: Post) -> Outcome | None:
    """The outcome where a homeserver will not listen to this account at all, or None."""
    word = _word(reply)
    if word not in _CREDENTIAL and reply.status != 401:
        return None
    answer = json_object(reply) or {}
    reason = _CREDENTIAL.get(word) or quoted(answer.get("error"), post) or "it gives no reason"
    if word == "M_UNKNOWN_TOKEN" and answer.get("soft_logout") is True:
        reason = "this user's session has run out and has to be opened anew (soft logout)"
    detail = f"The homeserver will not listen to this account: {reason}."
    return Outcome(Verdict.CREDENTIAL_REFUSED, word or str(reply.status), detail)


def _word(reply: Reply) -> str:
    """The homeserver's own word for a refusal, or nothing: it takes the status and the body to refuse."""
    word = (json_object(reply) or {}).get("errcode") if 400 <= reply.status < 500 else None
    return word if isinstance(word, str) and _ERRCODE.fullmatch(word) else ""


def _slow_down(reply: Reply, answer: Mapping[str, object], post: Post) -> Outcome:
    """The header first; the field is deprecated since version 1.10 of the specification."""
    asked = retry_after(reply, now=post.at)
    millis = whole(answer.get("retry_after_ms"))
    if asked is None and millis is not None:
        asked = wait_of(-(-millis // 1000))
    return replace(throttled(_word(reply) or "429", asked or _DEFAULT_WAIT_S), scope=Scope.ACCOUNT)


def _refused(word: str, answer: Mapping[str, object], post: Post) -> Outcome:
    """One of the homeserver's own refusals: it did not post."""
    words = quoted(answer.get("error"), post)
    if word == "M_RESOURCE_LIMIT_EXCEEDED":
        detail = f"The homeserver is at a limit of its own and posts nothing until its administrator acts: {words}."
        return Outcome(Verdict.NOT_SENT, word, detail)
    if word in _TARGET:
        return Outcome(Verdict.TARGET_GONE, word, f"The room cannot be reached, {_TARGET[word]}: {words}.")
    return Outcome(Verdict.CONTENT_REFUSED, word, f"The homeserver will not take this message: {words}.")
