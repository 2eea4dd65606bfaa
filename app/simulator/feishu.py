"""The practice Feishu bot: five a second and 100 a minute, then 11232 in an HTTP 200, or the older HTTP 400."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.bodies import as_object
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 20 * 1024
TOLERANCE_S = 3600.0

_GONE = (19001, "param invalid: incoming webhook access token invalid")
_KINDS = {"text", "post", "image", "interactive", "share_chat"}


class Feishu:
    """A bot's token is its chat and its credential; `secret`, `keyword` and `ip_refused` of a target are its locks,
    with `says` "9499" it turns calls away in the older way."""

    platform = "feishu"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._says = ""

    async def handle(self, request: Request) -> Response:
        token = request.path_params["token"]
        body = await request.body()
        said = as_object(body) or {}
        text = _text(said)
        target = self._practice.fixtures.find(self.platform, token)
        problem = _broken(said, text, len(body)) or _locked(target, said, text)
        call = Call(target=token, text=text, hint=token[-4:], kind=str(said.get("msg_type")), problem=problem)
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, target: Target) -> Sequence[Rule]:
        self._says = target.says or ""
        return [
            Rule(f"feishu {call.target}", 5, 1, "five a second by one bot"),
            Rule(f"feishu {call.target}", 100, 60, "100 a minute by one bot"),
        ]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        """The token is looked at before the body."""
        if target.state is not State.OPEN:
            return _code(*_GONE)
        code, _, words = call.problem.partition(" ")
        return _code(int(code), words, status=400 if code == "9499" else 200) if code else None

    def accepted(self, _call: Call) -> Answer:
        body = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
        return Answer("0", JSONResponse(body))

    def throttled(self, _wait_s: float) -> Answer:
        says, self._says = self._says, ""
        if says == "9499":
            return _code(9499, "too many request", status=400)
        return _code(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]")

    def credential_refused(self) -> Answer:
        return _code(*_GONE)

    def wait(self, early_s: float, *, last_s: float) -> float:  # noqa: ARG002 - no penalty is published
        return early_s


def _text(said: Mapping[str, object]) -> str:
    content = said.get("content")
    text = content.get("text") if isinstance(content, dict) else None
    if isinstance(text, str):
        return text
    other = content or said.get("card")
    return json.dumps(other, ensure_ascii=False) if other else ""


def _broken(said: Mapping[str, object], text: str, size: int) -> str:
    sound = said.get("msg_type") in _KINDS and text and size <= LONGEST
    return "" if sound else "9499 Bad Request"


def _locked(target: Target, said: Mapping[str, object], text: str) -> str:
    """Which of the bot's locks stays shut, or nothing."""
    if target.secret is not None and not _signed(target.secret, said):
        return "19021 sign match fail or timestamp is not within one hour from current time"
    if target.ip_refused:
        return "19022 Ip Not Allowed"
    return "19024 Key Words Not Found" if target.keyword is not None and target.keyword not in text else ""


def _signed(secret: str, said: Mapping[str, object]) -> bool:
    """The time in seconds and the secret are the key; nothing is signed by it."""
    stamp, given = said.get("timestamp"), said.get("sign")
    if not isinstance(stamp, str) or not isinstance(given, str) or not stamp.isdecimal():
        return False
    good = base64.b64encode(hmac.new(f"{stamp}\n{secret}".encode(), digestmod=hashlib.sha256).digest())
    return abs(time.time() - int(stamp)) <= TOLERANCE_S and hmac.compare_digest(good, given.encode())


def _code(code: int, message: str, *, status: int = 200) -> Answer:
    return Answer(str(code), JSONResponse({"code": code, "msg": message, "data": {}}, status))
