"""What comes to the practice Telegram: a message or a picture, read, and what is wrong with it in the server's own
words."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request

from app.simulator.images import file_in, is_image, mark
from app.simulator.practice import Call

LONGEST = 4096
LONGEST_CAPTION = 1024
FILE = "AgACpractice-"  # how the name of a picture begins
_TAG = re.compile(r"<(/?)([a-z-]*)[^>]*>?")
_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler"}


async def parameters(request: Request) -> Mapping[str, object]:
    """JSON, a form, or the query: the server takes them all."""
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            found = json.loads(await request.body())
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
    return {**request.query_params, **(await request.form())} if request.method == "POST" else request.query_params


async def photo_in(request: Request) -> bytes:
    form = request.headers.get("content-type", "").startswith("multipart/form-data")
    return await file_in(request, "photo") if form else b""


def call_of(token: str, said: Mapping[str, object]) -> Call:
    text = str(said.get("text") or "")
    broken = said.get("parse_mode") == "HTML" and not balanced(text)
    return Call(
        target=str(said.get("chat_id") or ""),
        text=text,
        credential=token,
        hint=token.partition(":")[0],
        problem="Unsupported start tag" if broken else "",
    )


def photo_of(token: str, said: Mapping[str, object], photo: bytes) -> Call:
    """A picture that comes along, or one by the name it was given."""
    call, given = call_of(token, {**said, "text": said.get("caption")}), str(said.get("photo") or "")
    if not photo and not given.startswith(FILE):
        return replace(call, kind="photo", problem="wrong file identifier/HTTP URL specified" if given else "")
    picture = given.removeprefix(FILE) if not photo else mark(photo) if is_image(photo) else ""
    return replace(call, kind="photo", picture=picture)


def problem_of(call: Call) -> str:
    """What is wrong with the call whatever the chat, in the server's words, or nothing."""
    if not call.target:
        return "chat_id is empty"
    if call.kind == "photo":
        return problem_of_photo(call)
    if not call.text:
        return "message text is empty"
    if len(call.text) > LONGEST:
        return "message is too long"
    return f"can't parse entities: {call.problem}" if call.problem else ""


def problem_of_photo(call: Call) -> str:
    if not call.picture:
        return call.problem or "there is no photo in the request"
    if len(_TAG.sub("", call.text)) > LONGEST_CAPTION:
        return "message caption is too long"
    return f"can't parse entities: {call.problem}" if call.problem else ""


def balanced(text: str) -> bool:
    """Whether the text is HTML as the server reads it: known tags, properly nested."""
    stack: list[str] = []
    for closing, tag in _TAG.findall(text):
        if tag not in _TAGS or (closing and (not stack or stack.pop() != tag)):
            return False
        if not closing:
            stack.append(tag)
    return not stack
