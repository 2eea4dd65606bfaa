"""The practice webhook receiver, by Standard Webhooks 1.0.0: checks signatures, drops what it has already seen."""

import base64
import binascii
import hashlib
import hmac
import json
import math
import time
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

TOLERANCE_S = 300

_STATUS = {State.UNKNOWN: 404, State.KICKED: 403, State.BLOCKED: 403, State.DELETED: 410}


class Webhook:
    """Every name below `/webhook/` is a receiver. It has no limit unless one was configured."""

    platform = "webhook"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    async def handle(self, request: Request) -> Response:
        name = request.path_params["name"]
        body = await request.body()
        target = self._practice.fixtures.find(self.platform, name)
        problem = "" if target.secret is None else _forged(target.secret, request.headers, body)
        call = Call(target=name, text=_text(body), key=request.headers.get("webhook-id"), problem=problem)
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, target: Target) -> Sequence[Rule]:
        if target.limit is None:
            return []
        count, per_s = target.limit.count, target.limit.per_s
        return [Rule(f"webhook {call.target}", count, per_s, f"{count} per {per_s:g} s by this receiver")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state is State.MIGRATED:
            return Answer("302", Response(status_code=302, headers={"Location": f"/webhook/{target.migrate_to}"}))
        if target.state in _STATUS:
            return _status(_STATUS[target.state])
        return _status(401, call.problem) if call.problem else None

    def accepted(self, _call: Call) -> Answer:
        return _status(200)

    def throttled(self, wait_s: float) -> Answer:
        wait = str(math.ceil(wait_s))
        return Answer("429", JSONResponse({"error": "slow down"}, 429, {"Retry-After": wait}))

    def credential_refused(self) -> Answer:
        return _status(401, "unknown sender")

    def wait(self, early_s: float, *, last_s: float) -> float:
        return early_s if last_s else float(max(1, math.ceil(early_s)))


def _status(status: int, words: str = "") -> Answer:
    body = {"error": words} if words else {"received": status == 200}
    return Answer(f"{status} {words}".strip(), JSONResponse(body, status))


def _text(body: bytes) -> str:
    """The announcement's text, or the whole body where there is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    inner = said.get("data") if isinstance(said, dict) else None
    text = inner.get("text") if isinstance(inner, dict) else None
    return text if isinstance(text, str) else body.decode(errors="replace")


def _forged(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """What is wrong with a call's signature, or nothing. Any one good signature of the list is enough."""
    key, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (key and stamp.isdecimal() and given):
        return "missing or malformed signature headers"
    if abs(time.time() - int(stamp)) > TOLERANCE_S:
        return "timestamp too far from now"
    try:
        bytes_of_key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return "this receiver's own secret is not base64"
    good = base64.b64encode(hmac.new(bytes_of_key, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest())
    matched = any(hmac.compare_digest(b"v1," + good, one.encode()) for one in given.split(" "))
    return "" if matched else "no matching signature"
