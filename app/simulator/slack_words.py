"""The practice Slack's words: how a message is read, and its yes, its no and its "slow down"."""

import json
import math
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from app.simulator.practice import Answer

LONGEST_WAIT_S = 30.0

_CALLS = re.compile(r"<(?:!channel|!here|!everyone|!subteam\^|@[UW])[^>]*>")


def as_said(body: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


async def parameters(request: Request) -> Mapping[str, object]:
    """JSON or a form: the API takes both."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return as_said(await request.body()) or {}
    return dict(await request.form())


def seen(text: str) -> str:
    """The text as people see it: its three entities read."""
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def kind_of(text: str) -> str:
    """Whether the text, as it was sent, calls someone."""
    return "called someone" if _CALLS.search(text) else "called nobody"


def wait_of(early_s: float, *, last_s: float) -> float:
    return early_s if last_s else min(float(max(1, math.ceil(early_s))), LONGEST_WAIT_S)


def word(status: int, word: str) -> Answer:
    return Answer(f"{status} {word}", PlainTextResponse(word, status))


def yes(log: str, **more: object) -> Answer:
    return Answer(log, JSONResponse({"ok": True, **more}))


def no(error: str) -> Answer:
    return Answer(error, JSONResponse({"ok": False, "error": error}))


def answered(found: dict[str, object] | str) -> Answer:
    return no(found) if isinstance(found, str) else yes("ok", **found)


def invalid_file() -> Answer:
    told = ["[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"]
    body = {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": told}}
    return Answer("invalid_blocks", JSONResponse(body))


def slow_down(wait_s: float) -> Answer:
    body = {"ok": False, "error": "ratelimited"}
    return Answer("429", JSONResponse(body, 429, {"Retry-After": str(math.ceil(wait_s))}))
