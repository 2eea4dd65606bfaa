"""The practice Zulip: messages in a channel's topic by Basic auth, 200 requests a minute by one user."""

import base64
import binascii
import re
from collections.abc import Sequence
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.changes import What
from app.simulator.images import file_in, is_image, mark
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 10_000
LONGEST_TOPIC = 60
CUT = "\n[message truncated]"
PER_MINUTE = 200

_FILE = re.compile(r"\[[^\]\n]*\]\((/user_uploads/[^)\s]+)\)\n?")

_GONE = "Channel with ID '{}' does not exist"
_CLOSED = {
    State.UNKNOWN: ("STREAM_DOES_NOT_EXIST", _GONE),
    State.MIGRATED: ("STREAM_DOES_NOT_EXIST", _GONE),
    State.KICKED: ("BAD_REQUEST", "Not authorized to send to channel '{}'"),
    State.DELETED: ("BAD_REQUEST", "Not authorized to send to channel '{}'"),
    State.BLOCKED: ("BAD_REQUEST", "You do not have permission to post in this channel."),
}


class Zulip:
    """A chat is `channel:topic`; a fixture named by the channel's number alone closes all its topics."""

    platform = "zulip"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._numbers = count(1)
        self._stands: dict[int, Call] = {}
        self._files: dict[str, str] = {}

    async def handle(self, request: Request) -> Response:
        credential = _credential(request)
        if not credential:
            return self.credential_refused().response
        form = await request.form()
        channel, topic, text = (str(form.get(name, "")) for name in ("to", "topic", "content"))
        shown = _FILE.match(text)
        picture = self._files.get(shown[1], "") if shown else ""
        lacks = [name for name in ("type", "to", "topic", "content") if name not in form]
        call = Call(
            target=f"{channel}:{topic[:LONGEST_TOPIC]}",
            text=_cut(text)[shown.end() if shown and picture else 0 :],
            picture=picture,
            credential=credential,
            hint=credential.partition(":")[0],
            problem=f"Missing '{lacks[0]}' argument" if lacks else "",
        )
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [Rule(f"zulip {call.credential}", PER_MINUTE, 60, f"{PER_MINUTE} a minute by one user")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if call.problem:
            return _no(400, "REQUEST_VARIABLE_MISSING", call.problem)
        if not call.text.strip() and not call.picture:
            return _no(400, "BAD_REQUEST", "Message must not be empty")
        state = self._state(call.target) if target.state is State.OPEN else target.state
        if state is State.OPEN:
            return None
        code, words = _CLOSED[state]
        return _no(400, code, words.format(call.target.partition(":")[0]))

    def accepted(self, call: Call) -> Answer:
        number = next(self._numbers)
        self._stands[number] = call
        return _yes(id=number)

    def throttled(self, wait_s: float) -> Answer:
        error = {"result": "error", "msg": "API usage exceeded rate limit", "code": "RATE_LIMIT_HIT"}
        headers = {"Retry-After": str(wait_s), "X-RateLimit-Limit": str(PER_MINUTE), "X-RateLimit-Remaining": "0"}
        return Answer("429", JSONResponse({**error, "retry-after": wait_s}, 429, headers))

    def credential_refused(self) -> Answer:
        return _no(401, "INVALID_API_KEY", "Invalid API key")

    def wait(self, early_s: float, *, last_s: float) -> float:
        return early_s if last_s else max(1.0, early_s)

    async def lay(self, request: Request) -> Response:
        """Keep a file for the messages that will name it."""
        content = await file_in(request, "file")
        if self._stranger(_credential(request)):
            return self.credential_refused().response
        if not is_image(content):
            return _no(400, "BAD_REQUEST", "You must specify a file to upload").response
        place = f"/user_uploads/2/{len(self._files) + 1:02x}/picture.png"
        self._files[place] = mark(content)
        return _yes(uri=place, url=place, filename="picture.png").response

    async def delete(self, request: Request) -> Response:
        """Take a message back: its author may, while he sees it."""
        credential, number = _credential(request), request.path_params["number"]
        if self._stranger(credential):
            return self.credential_refused().response
        call = self._stands.get(number)
        if call is None or self._state(call.target) is not State.OPEN:
            return _no(400, "BAD_REQUEST", "Invalid message(s)").response
        if call.credential != credential:
            return _no(400, "BAD_REQUEST", "You don't have permission to delete this message").response
        del self._stands[number]
        self._practice.changed(self.platform, call.target, str(number), What.TAKEN_BACK)
        return _yes().response

    async def edit(self, request: Request) -> Response:
        """Give a message other words: its author may, while he sees it."""
        credential, number = _credential(request), request.path_params["number"]
        if self._stranger(credential):
            return self.credential_refused().response
        call = self._stands.get(number)
        if call is None or self._state(call.target) is not State.OPEN:
            return _no(400, "BAD_REQUEST", "Invalid message(s)").response
        if call.credential != credential:
            return _no(400, "BAD_REQUEST", "You don't have permission to edit this message").response
        text = str((await request.form()).get("content", ""))
        self._practice.changed(self.platform, call.target, str(number), What.EDITED, text)
        return _yes().response

    async def channel(self, request: Request) -> Response:
        """What a channel is, for who sees it."""
        number = request.path_params["number"]
        if self._stranger(_credential(request)):
            return self.credential_refused().response
        if self._state(str(number)) is not State.OPEN:
            return _no(400, "BAD_REQUEST", "Invalid channel ID").response
        return _yes(stream={"stream_id": number, "name": f"channel {number}"}).response

    async def settings(self, _request: Request) -> Response:
        """What every client asks first, before it says who it is."""
        return _yes(zulip_version="11.4", zulip_feature_level=421, realm_name="Practice").response

    async def me(self, request: Request) -> Response:
        """Who a key belongs to."""
        credential = _credential(request)
        if self._stranger(credential):
            return self.credential_refused().response
        email = credential.partition(":")[0]
        return _yes(user_id=7, email=email, full_name="Practice bot", is_bot=True).response

    def _state(self, target: str) -> State:
        """The chat's own state, or its channel's."""
        own = self._practice.fixtures.find(self.platform, target).state
        channel = self._practice.fixtures.find(self.platform, target.partition(":")[0]).state
        return channel if own is State.OPEN else own

    def _stranger(self, credential: str) -> bool:
        return not credential or (self.platform, credential) in self._practice.fixtures.dead


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def _credential(request: Request) -> str:
    """`email:key` of the Basic auth, or nothing."""
    scheme, _, pair = request.headers.get("authorization", "").partition(" ")
    try:
        found = base64.b64decode(pair, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    email, _, key = found.partition(":")
    return found if scheme.lower() == "basic" and email and key else ""


def _yes(**more: object) -> Answer:
    return Answer("success", JSONResponse({"result": "success", "msg": "", **more}))


def _no(status: int, code: str, message: str) -> Answer:
    return Answer(f"{code} {message}", JSONResponse({"result": "error", "msg": message, "code": code}, status))
