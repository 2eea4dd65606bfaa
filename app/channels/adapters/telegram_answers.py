"""What Telegram's answers mean: to a message, to a deletion, to the question who a bot is. Platform facts:
platforms.md, section 4."""

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
from app.channels.port import Checked, Credential, Outcome, Post, Posted, Verdict
from app.core.http import Reply

_DEFAULT_WAIT_S = 5.0  # what the server itself names when it drops a query on its way down
_ID = re.compile(r"-?[1-9][0-9]{0,18}", re.ASCII)

# Beginnings of the server's descriptions behind "Bad Request: " (literal, from its source).
_GONE = (
    "chat not found",
    "chat_id is empty",
    "private chat not found",
    "group chat was upgraded",
    "group chat was deactivated",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "peer_id_invalid",
    "topic_",
)


def posted_as(reply: Reply, post: Post) -> Outcome:
    """The answer to `sendMessage`."""
    read = _read(reply, post, redirect=Verdict.CONTENT_REFUSED)
    if isinstance(read, Outcome):
        return read
    code, answer = read
    if code == 0:
        return _accepted(reply, answer, post)
    moved = whole(_parameters(answer).get("migrate_to_chat_id"))
    if moved is not None and str(moved) != post.address:
        detail = "This group was upgraded to a supergroup with a new number."
        return Outcome(Verdict.MOVED, str(code), detail, moved_to=str(moved))
    return _refused(code, quoted(answer.get("description"), post))


def file_in(reply: Reply) -> str | None:
    """What Telegram calls the picture it has just posted, in its largest size."""
    result = (json_object(reply) or {}).get("result")
    sizes = result.get("photo") if reply.status == 200 and isinstance(result, dict) else None
    largest = sizes[-1] if isinstance(sizes, list) and sizes else None
    name = largest.get("file_id") if isinstance(largest, dict) else None
    return name if isinstance(name, str) and re.fullmatch(r"[!-~]{1,300}", name) else None


def unknown_file(reply: Reply) -> bool:
    """Whether it knows no picture by this name (any more): it did nothing."""
    answer = json_object(reply) or {}
    said = str(answer.get("description", "")).lower()
    return reply.status == 400 and answer.get("ok") is False and "file identifier" in said


def deleted(reply: Reply, posted: Posted) -> Outcome:
    """The answer to `deleteMessage`. In an upgraded group the old numbers name other messages: it is never followed."""
    read = _read(reply, posted, redirect=Verdict.TARGET_GONE)
    if isinstance(read, Outcome):
        return read
    code, answer = read
    words = quoted(answer.get("description"), posted)
    if code == 0 and answer.get("result") is not True:
        return unforeseen(reply, "Telegram said yes without saying to what.")
    if code == 0:
        return Outcome(Verdict.SENT, "200", "Telegram deleted the message.")
    if code == 400 and _reason(words).startswith("message to delete not found"):
        return Outcome(Verdict.SENT, "400", "The message did not stand any more.")
    if code == 400 and _reason(words).startswith(("message can't be deleted", "group chat was upgraded")):
        return Outcome(Verdict.CONTENT_REFUSED, "400", f"Telegram will not delete this message any more: {words}.")
    return _refused(code, words)


def pinned(reply: Reply, posted: Posted) -> Outcome:
    """The answer to `pinChatMessage`."""
    read = _read(reply, posted, redirect=Verdict.CONTENT_REFUSED)
    if isinstance(read, Outcome):
        return read
    code, answer = read
    if code == 0 and answer.get("result") is True:
        return Outcome(Verdict.SENT, "200", "Telegram keeps the message on top.")
    if code == 0:
        return unforeseen(reply, "Telegram said yes without saying to what.")
    return _refused(code, quoted(answer.get("description"), posted))


def edited(reply: Reply, post: Post) -> Outcome:
    """The answer to `editMessageText`. It says so where the words stood there already."""
    read = _read(reply, post, redirect=Verdict.CONTENT_REFUSED)
    if isinstance(read, Outcome):
        return read
    code, answer = read
    words = quoted(answer.get("description"), post)
    if code == 0:
        return _accepted(reply, answer, post)
    if code == 400 and _reason(words).startswith("message is not modified"):
        return Outcome(Verdict.SENT, "400", "These words stood there already.")
    if code == 400 and _reason(words).startswith(
        ("message to edit not found", "message can't be edited", "group chat")
    ):
        return Outcome(Verdict.CONTENT_REFUSED, "400", f"Telegram will not edit this message any more: {words}.")
    return _refused(code, words)


def nobody_knows(outcome: Outcome) -> Outcome:
    """An outcome of a deletion in the words of one."""
    if outcome.verdict is not Verdict.AMBIGUOUS:
        return outcome
    return replace(outcome, detail=f"Nobody can know whether the message still stands ({outcome.code}).")


def known(reply: Reply, credential: Credential) -> Checked:
    """The answer to `getMe`."""
    read = _read(reply, credential, redirect=Verdict.AMBIGUOUS)
    if isinstance(read, Outcome):
        works = False if read.verdict is Verdict.CREDENTIAL_REFUSED else None
        detail = read.detail if works is False else "The answer does not tell whether the token works."
        return Checked(works, read.code, detail)
    code, answer = read
    result = answer.get("result")
    if code == 404:
        return Checked(works=False, code="404", detail="The server does not know this bot.")
    if code or not isinstance(result, dict) or whole(result.get("id")) is None:
        return Checked(None, str(code or reply.status), "The answer does not tell whether the token works.")
    name = quoted(result.get("username"), credential)
    return Checked(works=True, code="200", detail=f"The token is that of the bot @{name}.")


def _read(
    reply: Reply, about: Post | Posted | Credential, *, redirect: Verdict
) -> tuple[int, Mapping[str, object]] | Outcome:
    """The answer with its error code, 0 for a yes; or what it means where the request does not matter."""
    broken = off_the_page(reply, redirect=redirect)
    if broken is not None:
        return broken
    answer = json_object(reply)
    if answer is not None and answer.get("ok") is True and reply.status == 200:
        return 0, answer
    code = whole(answer.get("error_code")) if answer is not None and answer.get("ok") is False else None
    if 429 in (code, reply.status):
        asked = wait_of(_parameters(answer or {}).get("retry_after"))
        return throttled("429", asked or retry_after(reply, now=about.at) or _DEFAULT_WAIT_S)
    if 401 in (code, reply.status):
        return Outcome(Verdict.CREDENTIAL_REFUSED, "401", "Telegram does not know this bot token, or it was revoked.")
    if answer is None or not code:
        return unforeseen(reply, "The answer is not one of Telegram's; the message may have been posted.")
    return code, answer


def _parameters(answer: Mapping[str, object]) -> Mapping[str, object]:
    found = answer.get("parameters")
    return found if isinstance(found, dict) else {}


def _reason(words: str) -> str:
    return words.partition(": ")[2].lower()


def _accepted(reply: Reply, answer: Mapping[str, object], post: Post) -> Outcome:
    result = answer.get("result")
    number = whole(result.get("message_id")) if isinstance(result, dict) else None
    if not isinstance(result, dict) or number is None:
        return unforeseen(reply, "Telegram said yes without naming a message; it may have been posted.")
    chat = result.get("chat")
    where = whole(chat.get("id")) if isinstance(chat, dict) else None
    if where is not None and _ID.fullmatch(post.address) and str(where) != post.address:
        return unforeseen(reply, "Telegram said yes for another chat; the message may have been posted.")
    return Outcome(Verdict.SENT, "200", "Telegram took the message.", message_id=str(number))


def _refused(code: int, words: str) -> Outcome:
    """One of the server's own refusals: it did nothing."""
    if code == 403 or (code == 400 and _reason(words).startswith(_GONE)):
        return Outcome(Verdict.TARGET_GONE, str(code), f"The bot can do nothing in this chat: {words}.")
    if code == 404:
        detail = f"The server knows neither this bot nor what we ask of it: {words}."
        return Outcome(Verdict.CREDENTIAL_REFUSED, "404", detail)
    if 400 <= code < 500:
        return Outcome(Verdict.CONTENT_REFUSED, str(code), f"Telegram will not take this message: {words}.")
    detail = f"Telegram broke down over this message and may have posted it: {words}."
    return Outcome(Verdict.AMBIGUOUS, str(code), detail)
