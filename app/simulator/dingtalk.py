"""The practice DingTalk robot: always HTTP 200, the body decides; 20 a minute, then ten minutes shut out."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.bodies import as_object
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 20_000
BLOCK_S = 600.0
TOLERANCE_S = 3600.0

_UUID = "24ce64f68ff5dc054dca012fc3931165"
_CLOSED = {
    State.KICKED: (400106, "机器人不存在"),
    State.BLOCKED: (400102, "机器人已停用"),
    State.DELETED: (400013, "群已被解散"),
    State.MIGRATED: (300005, "token is not exist"),
    State.UNKNOWN: (300005, "token is not exist"),
}
_KINDS = {"text": "content", "markdown": "text", "link": "text"}


class DingTalk:
    """A robot's token is its chat and its credential; `secret`, `keyword` and `ip_refused` of a target are its locks,
    `says` ("410100" or "x5") its way of turning calls away."""

    platform = "dingtalk"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._says = ""

    async def handle(self, request: Request) -> Response:
        query = request.query_params
        token = query.get("access_token", "")
        if not token:
            return _code(40035, "缺少参数 access_token").response
        body = await request.body()
        said = as_object(body) or {}
        kind = said.get("msgtype")
        inner = said.get(kind) if isinstance(kind, str) else None
        text = inner.get(_KINDS.get(str(kind), "")) if isinstance(inner, dict) else None
        target = self._practice.fixtures.find(self.platform, token)
        problem = _locked(target, query, str(text or "")) or _broken(kind, str(text or ""), len(body))
        call = Call(target=token, text=str(text or ""), hint=token[-4:], kind=str(kind), problem=problem)
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, target: Target) -> Sequence[Rule]:
        self._says = target.says or ""
        return [Rule(f"dingtalk {call.target}", 20, 60, "20 a minute by one robot")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state in _CLOSED:
            return _code(*_CLOSED[target.state])
        code, _, words = call.problem.partition(" ")
        return _code(int(code), words) if code else None

    def accepted(self, _call: Call) -> Answer:
        return _code(0, "ok")

    def throttled(self, _wait_s: float) -> Answer:
        says, self._says = self._says, ""
        if says == "x5":
            return Answer(
                "x5", JSONResponse({"status": 1111, "wait": 600, "source": "x5", "punish": "deny", "uuid": _UUID})
            )
        if says == "410100":
            return _code(410100, "发送速度太快而限流，请降低发送速度")
        return _code(130101, "send too fast, exceed 20 times per minute")

    def credential_refused(self) -> Answer:
        return _code(300005, "token is not exist")

    def wait(self, _early_s: float, *, last_s: float) -> float:
        """Ten minutes, from the beginning again for whoever calls meanwhile."""
        return last_s or BLOCK_S


def _locked(target: Target, query: Mapping[str, str], text: str) -> str:
    """Which of the robot's locks stays shut, in the order they are tried, or nothing."""
    if target.keyword is not None and target.keyword not in text:
        return "310000 keywords not in content"
    if target.secret is not None:
        stamp = query.get("timestamp", "")
        if not stamp.isdecimal() or abs(time.time() - int(stamp) / 1000) > TOLERANCE_S:
            return "310000 invalid timestamp"
        mac = hmac.new(target.secret.encode(), f"{stamp}\n{target.secret}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(mac), query.get("sign", "").encode()):
            return "310000 sign not match"
    return "310000 ip 127.0.0.1 not in whitelist" if target.ip_refused else ""


def _broken(kind: object, text: str, size: int) -> str:
    if kind not in _KINDS:
        return "400105 不支持的消息类型"
    if size > LONGEST:
        return "460101 description: body 大小不合法;solution:请保持大小在 20000bytes 以内;"
    return "" if text else "40035 缺少参数 content"


def _code(code: int, message: str) -> Answer:
    return Answer(str(code), JSONResponse({"errcode": code, "errmsg": message}))
