"""The practice Google Chat: a space's webhook, one message a second in a space, 3000 a minute by one project."""

import json
import math
from collections.abc import Mapping, Sequence
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 32_000  # bytes of the whole message

_NO_KEY = "Method doesn't allow unregistered callers (callers without established identity)."
_NO_TOKEN = "The API is called without a valid token."  # noqa: S105 - the API's own words
_WORDS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}


class GoogleChat:
    """The space is the chat; `key` and `token` of the query are the credential."""

    platform = "googlechat"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._numbers = count(1)

    async def handle(self, request: Request) -> Response:
        key, token = (request.query_params.get(name, "") for name in ("key", "token"))
        if not key or not token:
            return _no(403, _NO_TOKEN if key else _NO_KEY).response
        body = await request.body()
        text = _said(body).get("text")
        call = Call(
            target=request.path_params["space"],
            text=text if isinstance(text, str) else "",
            hint=key[-4:],
            problem="Message is too long." if len(body) > LONGEST else "",
        )
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [
            Rule(f"googlechat {call.target}", 1, 1, "one a second in one space"),
            Rule(f"googlechat project {call.hint}", 3000, 60, "3000 a minute by one project"),
        ]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state in {State.KICKED, State.BLOCKED}:
            return _no(403, _NO_TOKEN)
        if target.state is not State.OPEN:
            return _no(404, "Requested entity was not found.")
        if not call.text:
            return _no(400, "Message cannot be empty.")
        return _no(400, call.problem) if call.problem else None

    def accepted(self, call: Call) -> Answer:
        space, number = f"spaces/{call.target}", next(self._numbers)
        thread = {"name": f"{space}/threads/t{number}"}
        body = {"name": f"{space}/messages/m{number}.m{number}", "text": call.text, "thread": thread}
        return Answer("ok", JSONResponse(body))

    def throttled(self, _wait_s: float) -> Answer:
        """It names no wait: who was refused is to back off by himself."""
        return _no(429, "Resource has been exhausted (e.g. check quota).")

    def credential_refused(self) -> Answer:
        return _no(403, _NO_TOKEN)

    def wait(self, early_s: float, *, last_s: float) -> float:
        return early_s if last_s else float(max(1, math.ceil(early_s)))


def _said(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no(status: int, message: str) -> Answer:
    error = {"code": status, "message": message, "status": _WORDS[status]}
    return Answer(f"{status} {_WORDS[status]}", JSONResponse({"error": error}, status))
