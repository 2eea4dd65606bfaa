"""The practice Mattermost: incoming webhooks and a bot's posts on one server, with one limiter for both."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.simulator.changes import What
from app.simulator.images import is_image, mark
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 16_383
BURST, PER_S = 100, 10
REMEMBERED_S = 30.0

_SPANS_S = (1, 2, 5, 10, 20)  # the server's leaky bucket, as windows: a burst, and what leaks out meanwhile
_HOOK_CLOSED = {State.UNKNOWN: 400, State.KICKED: 403, State.BLOCKED: 403, State.DELETED: 404, State.MIGRATED: 400}
_DELETED = "api.post.create_post.can_not_post_to_deleted.error"


class _Server:
    """What the server does whichever way one comes in. It counts calls by the address they come from: all are ours."""

    platform = "mattermost"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    def rules(self, _call: Call, _target: Target) -> Sequence[Rule]:
        says = f"{PER_S} a second from one address, {BURST} at once"
        return [Rule("mattermost", BURST + PER_S * span, span, says) for span in _SPANS_S]

    def throttled(self, wait_s: float) -> Answer:
        wait = str(math.ceil(wait_s))
        headers = {"X-RateLimit-Limit": str(BURST), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": wait}
        return Answer("429", PlainTextResponse("limit exceeded\n", 429, {**headers, "Retry-After": wait}))

    def wait(self, early_s: float, *, last_s: float) -> float:
        return early_s if last_s else float(max(1, math.ceil(early_s)))


class Hooks(_Server):
    """A hook's id is its channel and its only credential."""

    async def handle(self, request: Request) -> Response:
        hook = request.path_params["hook"]
        text = (await _said(request)).get("text")
        call = Call(target=hook, text=text if isinstance(text, str) else "", hint=hook[-4:])
        return await self._practice.receive(self, call, request)

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state is not State.OPEN:
            return _unhandled(_HOOK_CLOSED[target.state], call.target)
        return None if call.text else _unhandled(400, call.target)

    def accepted(self, _call: Call) -> Answer:
        return Answer("ok", PlainTextResponse("ok"))

    def credential_refused(self) -> Answer:
        return _unhandled(400, "")


@dataclass(frozen=True)
class _Post:
    """A post that stands, or stood."""

    token: str
    channel: str
    deleted: bool = False


class Posts(_Server):
    """A bot's token and a channel's id. `pending_post_id` is remembered for 30 s, whatever the channel."""

    def __init__(self, practice: Practice) -> None:
        super().__init__(practice)
        self._numbers = count(1)
        self._posts: dict[str, _Post] = {}
        self._pending: dict[str, tuple[str, float]] = {}
        self._files: dict[str, tuple[str, str, str]] = {}

    async def handle(self, request: Request) -> Response:
        token = _token(request)
        if not token:
            return self.credential_refused().response
        said = await _said(request)
        channel, text, pending = (str(said.get(name) or "") for name in ("channel_id", "message", "pending_post_id"))
        files = said.get("file_ids")
        lies = [self._files.get(str(one)) for one in files] if isinstance(files, list) else []
        pictures = [one[2] if one and one[:2] == (token, channel) else "" for one in lies]
        problem = "" if all(pictures) else "file_ids"
        picture = pictures[0] if pictures else ""
        call = Call(
            channel,
            text,
            token,
            token[-4:],
            key=pending or None,
            keyed_s=REMEMBERED_S,
            problem=problem,
            picture=picture,
        )
        return await self._practice.receive(self, call, request)

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if not call.target or target.state in {State.UNKNOWN, State.MIGRATED}:
            return _error(400, "api.context.invalid_param.app_error", "Invalid or missing post.channel_id parameter.")
        if target.state in {State.KICKED, State.BLOCKED}:
            return _error(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
        if target.state is State.DELETED:
            return _error(400, _DELETED, "Can not post to deleted channel.")
        if call.problem:
            return _error(400, "api.post.create_post.attach_files.app_error", "Unable to attach these files.")
        if not (call.text or call.picture) or len(call.text) > LONGEST:
            return _error(400, "model.post.is_valid.message_length.app_error", "Post Message property is too long.")
        return None

    def accepted(self, call: Call) -> Answer:
        """A key that is still remembered leads to the post it made."""
        now = self._practice.now()
        known, since = self._pending.get(call.key or "", ("", -math.inf))
        number = known if now - since <= REMEMBERED_S else f"post{next(self._numbers):022d}"
        if number != known:
            self._posts[number] = _Post(call.credential, call.target)
            self._pending |= {call.key: (number, now)} if call.key else {}
        body = {"id": number, "channel_id": call.target, "message": call.text, "delete_at": 0}
        return Answer("201", JSONResponse(body, 201))

    def credential_refused(self) -> Answer:
        return _error(401, "api.context.session_expired.app_error", "Invalid or expired session, please login again.")

    async def lay(self, request: Request) -> Response:
        """Keep a file for one channel. The limiter counts this call like any other, and punishes nobody."""
        token, channel, content = _token(request), request.query_params.get("channel_id", ""), await request.body()
        if self._stranger(token):
            return self.credential_refused().response
        call, at = Call(channel, "", token, picture=mark(content)), self._practice.now()
        target = self._practice.fixtures.find(self.platform, channel)
        refused = self.refusal(call, target)
        breach = self._practice.judge.breach("", self.rules(call, target), at=at)
        if refused is not None or breach is not None:
            return (refused or self.throttled(breach.early_s if breach else 0.0)).response
        if not is_image(content) or not request.query_params.get("filename"):
            return _error(400, "api.file.upload_file.read_request.app_error", "Unable to read the file.").response
        self._practice.judge.accept(self.rules(call, target), at=at)
        number = f"file{len(self._files) + 1:022d}"
        self._files[number] = token, channel, mark(content)
        return JSONResponse({"file_infos": [{"id": number, "mime_type": "image/png"}], "client_ids": []}, 201)

    async def delete(self, request: Request) -> Response:
        """Take a post back: its author may, and only once."""
        token, number = _token(request), request.path_params["post"]
        post = self._posts.get(number)
        if self._stranger(token):
            return self.credential_refused().response
        if post is None or post.deleted:
            return _error(404, "app.post.get.app_error", "Unable to get the post.").response
        if post.token != token:
            return _error(403, "api.context.permissions.app_error", "No.").response
        if self._practice.fixtures.find(self.platform, post.channel).state is State.DELETED:
            return _error(400, "api.post.delete_post.can_not_delete_post_in_deleted.error", "No.").response
        self._posts[number] = _Post(token, post.channel, deleted=True)
        self._practice.changed(self.platform, post.channel, number, What.TAKEN_BACK)
        return JSONResponse({"status": "OK"})

    async def patch(self, request: Request) -> Response:
        """Give a post other words: its author may."""
        token, number = _token(request), request.path_params["post"]
        post = self._posts.get(number)
        if self._stranger(token):
            return self.credential_refused().response
        if post is None or post.deleted:
            return _error(404, "app.post.get.app_error", "Unable to get the post.").response
        text = str((await _said(request)).get("message") or "")
        call = Call(post.channel, text, token)
        closed = self.refusal(call, self._practice.fixtures.find(self.platform, post.channel))
        if closed is not None or post.token != token:
            return (closed or _error(403, "api.context.permissions.app_error", "No.")).response
        self._practice.changed(self.platform, post.channel, number, What.EDITED, text)
        return JSONResponse({"id": number, "channel_id": post.channel, "message": text})

    async def me(self, request: Request) -> Response:
        """Who a token belongs to."""
        if self._stranger(_token(request)):
            return self.credential_refused().response
        return JSONResponse({"id": "u" * 26, "username": "practice-bot", "is_bot": True})

    def _stranger(self, token: str) -> bool:
        return not token or (self.platform, token) in self._practice.fixtures.dead


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _said(request: Request) -> Mapping[str, object]:
    """The JSON object in the body; without a content type, the one in the form's `payload`."""
    body: str | bytes = await request.body()
    if not request.headers.get("content-type", "").startswith("application/json"):
        body = str((await request.form()).get("payload", ""))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _unhandled(status: int, hook: str) -> Answer:
    """What a server says of any hook that fails: one id for everything, and the hook's own in the words."""
    words = f"Failed to handle the payload of media type application/json for incoming webhook {hook}."
    return _error(status, "web.incoming_webhook.general.app_error", words)


def _error(status: int, name: str, message: str) -> Answer:
    body = {"id": name, "message": message, "detailed_error": "", "request_id": "r" * 26, "status_code": status}
    return Answer(f"{status} {name}", JSONResponse(body, status))
