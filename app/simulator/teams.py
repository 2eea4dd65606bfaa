"""The practice Teams: a workflow's trigger that takes a card and answers 202, four calls in a second at most."""

import json
import math
import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 28 * 1024
CARD = "application/vnd.microsoft.card.adaptive"

_ENDS = re.compile(r"\n(\n)?")
_CLOSED = {
    State.UNKNOWN: (404, "WorkflowNotFound", "The workflow could not be found."),
    State.MIGRATED: (404, "WorkflowNotFound", "The workflow could not be found."),
    State.KICKED: (401, "DirectApiAuthorizationRequired", "The request must be authenticated."),
    State.BLOCKED: (403, "AuthorizationFailed", "The caller may not start this workflow."),
    State.DELETED: (400, "WorkflowTriggerIsNotEnabled", "Could not execute trigger 'manual' with state 'Deleted'."),
}


class Teams:
    """A workflow is its chat; `sig` of the query is the credential."""

    platform = "teams"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    async def handle(self, request: Request) -> Response:
        signature, body = request.query_params.get("sig", ""), await request.body()
        if not signature:
            return self.credential_refused().response
        text = _text(body)
        problem = "InvalidRequestContent" if text is None else ""
        call = Call(
            target=request.path_params["workflow"],
            text=text or "",
            hint=signature[-4:],
            problem="RequestEntityTooLarge" if len(body) > LONGEST else problem,
        )
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [Rule(f"teams {call.target}", 4, 1, "four a second by one workflow")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state in _CLOSED:
            return _no(*_CLOSED[target.state])
        if call.problem == "RequestEntityTooLarge":
            return _no(413, call.problem, "The request is too large.")
        return _no(400, call.problem, "The request content is not valid.") if call.problem else None

    def accepted(self, _call: Call) -> Answer:
        return Answer("202", Response(status_code=202))

    def throttled(self, _wait_s: float) -> Answer:
        """It names no wait: who was refused is to back off by himself."""
        return _no(429, "TooManyRequests", "Rate limit is exceeded.")

    def credential_refused(self) -> Answer:
        return _no(401, "DirectApiAuthorizationRequired", "The request must be authenticated.")

    def wait(self, early_s: float, *, last_s: float) -> float:
        return early_s if last_s else float(max(1, math.ceil(early_s)))


def _text(body: bytes) -> str | None:
    """The words of the first card's text blocks as people see them, or None for what is no message with a card. Only
    an empty line ends a line; a line's own end is a space."""
    try:
        attached = json.loads(body)["attachments"][0]
        if attached["contentType"] != CARD or attached["content"]["type"] != "AdaptiveCard":
            return None
        blocks = [block["text"] for block in attached["content"]["body"] if block["type"] == "TextBlock"]
        return "\n\n".join(_ENDS.sub(lambda end: "\n" if end[1] else " ", block) for block in blocks) or None
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return None


def _no(status: int, code: str, message: str) -> Answer:
    return Answer(f"{status} {code}", JSONResponse({"error": {"code": code, "message": message}}, status))
