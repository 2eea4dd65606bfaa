"""The practice WeCom group robot: always HTTP 200, the body decides; 20 a minute, then a minute's block."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.images import is_image, mark
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
LARGEST = 2 * 1024 * 1024  # bytes of a picture
BLOCK_S = 60.0

_HINT = "hint: [1634264791_224_ada10dc6c9d80465eb8d1e6784b329b7], from ip: 127.0.0.1, more info at"
_PAGE = "https://open.work.weixin.qq.com/devtool/query?e="


class WeCom:
    """A robot's key is its chat and its only credential."""

    platform = "wecom"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    async def handle(self, request: Request) -> Response:
        call = _call(request.query_params.get("key", ""), await request.body())
        if isinstance(call, Answer):
            return call.response
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [Rule(f"wecom {call.target}", 20, 60, "20 a minute by one robot")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if not call.target or target.state is not State.OPEN:
            return _code(93000, f"invalid webhook url, {_HINT} {_PAGE}93000")
        if call.problem:
            return _code(40058, f"{call.problem}, {_HINT} {_PAGE}40058")
        if not call.text and not call.picture:
            return _code(44004, f"empty content, {_HINT} {_PAGE}44004")
        if len(call.text.encode(errors="replace")) > LONGEST.get(call.kind, 0):
            return _code(93000, f"Invalid input : content exceed max length. invalid Request Parameter, {_HINT}")
        return None

    def accepted(self, _call: Call) -> Answer:
        return _code(0, "ok")

    def throttled(self, _wait_s: float) -> Answer:
        return _code(45009, f"api freq out of limit, {_HINT} {_PAGE}45009")

    def credential_refused(self) -> Answer:
        return _code(93000, f"invalid webhook url, {_HINT} {_PAGE}93000")

    def wait(self, early_s: float, *, last_s: float) -> float:
        """A breach blocks the robot for a minute; calling meanwhile changes nothing."""
        return early_s if last_s else BLOCK_S


def _call(key: str, body: bytes) -> Call | Answer:
    """The message in the body, or the error for one that cannot be read."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return _code(40008, f"invalid message type. Warning: wrong json format. {_HINT} {_PAGE}40008")
    kind = said.get("msgtype") if isinstance(said, dict) else None
    if kind == "image":
        return _picture(key, said.get("image"))
    if kind not in LONGEST:
        return _code(40008, f"invalid message type, {_HINT} {_PAGE}40008")
    inner = said.get(kind)
    text = inner.get("content") if isinstance(inner, dict) else None
    return Call(target=key, text=str(text or ""), hint=key[-4:], kind=kind, problem=_mentions(inner))


def _picture(key: str, inner: object) -> Call:
    """A picture, with the MD5 of what it is before it became base64."""
    given = inner if isinstance(inner, dict) else {}
    try:
        content = base64.b64decode(str(given.get("base64", "")), validate=True)
    except binascii.Error:
        content = b""
    sound = is_image(content) and len(content) <= LARGEST
    proved = given.get("md5") == hashlib.md5(content, usedforsecurity=False).hexdigest()
    problem = "" if sound and proved else "invalid image size" if not sound else "invalid md5"
    return Call(target=key, text="", hint=key[-4:], kind="image", problem=problem, picture=mark(content))


def _mentions(inner: object) -> str:
    """What is wrong with whom a message calls, or nothing."""
    called = inner.get("mentioned_list", []) if isinstance(inner, dict) else []
    sound = isinstance(called, list) and all(isinstance(one, str) for one in called)
    return "" if sound else "invalid Request Parameter: mentioned_list"


def _code(code: int, message: str) -> Answer:
    return Answer(str(code), JSONResponse({"errcode": code, "errmsg": message}))
