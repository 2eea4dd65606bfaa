"""The practice Discord's words: its refusals, its "slow down", and how a message is read."""

import json
import math
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.simulator.images import file_in, is_image, mark
from app.simulator.practice import Answer

LONGEST = 2000
LONGEST_NONCE = 25

_TOKEN = re.compile(r"Bot [\w.-]{10,}", re.ASCII)
_WORDS = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10008: "Unknown Message",
    10015: "Unknown Webhook",
    50001: "Missing Access",
    50006: "Cannot send an empty message",
    50013: "Missing Permissions",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50109: "The request body contains invalid JSON.",
}
CALLS = {"everyone": r"@everyone|@here", "users": r"<@!?\d+>", "roles": r"<@&\d+>"}


def no(status: int, code: int, words: str = "") -> Answer:
    body: dict[str, object] = {"message": words or _WORDS[code], "code": code}
    if code == 50035:
        inner = {"code": "BASE_TYPE_MAX_LENGTH", "message": f"Must be {LONGEST} or fewer in length."}
        body["errors"] = {"content": {"_errors": [inner]}}
    return Answer(f"{status}/{code}", JSONResponse(body, status))


def slow_down(wait_s: float, headers: Mapping[str, str]) -> Answer:
    scope = headers["X-RateLimit-Scope"]
    what = "The resource is" if scope == "shared" else "You are"
    body = {"message": f"{what} being rate limited.", "retry_after": wait_s, "global": scope == "global"}
    return Answer(f"429 {scope}", JSONResponse(body, 429, {"Retry-After": str(math.ceil(wait_s)), **headers}))


def parsed(body: bytes) -> Mapping[str, object]:
    """The body's JSON object; anything else is told apart by `broken`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"broken": True}


async def sent(request: Request) -> tuple[Mapping[str, object], str]:
    """The message of a post, and the mark of the picture that comes with it, as a form's first file, or none."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return parsed(await request.body()), ""
    form = await request.form()
    said = parsed(str(form.get("payload_json", "")).encode())
    content = await file_in(request, "files[0]")
    return said, mark(content) if is_image(content) else ""


def problem_of(said: Mapping[str, object], picture: str = "") -> str:
    """The code of what is wrong with a message wherever it goes, or nothing."""
    if said.get("broken") is True:
        return "50109"
    content = str(said.get("content") or "")
    if picture and not content:
        return ""
    return "" if 0 < len(content) <= LONGEST else "50035" if content else "50006"


def called(said: Mapping[str, object], *, default: tuple[str, ...]) -> str:
    """Whom the message calls, as its allowed mentions stand."""
    allowed = said.get("allowed_mentions")
    parse = allowed.get("parse", ()) if isinstance(allowed, dict) else default
    whom = [who for who in CALLS if who in parse and re.search(CALLS[who], str(said.get("content") or ""))]
    return f"called {' and '.join(whom) or 'nobody'}"


def token_of(request: Request) -> str:
    found = request.headers.get("authorization", "")
    return found.removeprefix("Bot ") if _TOKEN.fullmatch(found) else ""
