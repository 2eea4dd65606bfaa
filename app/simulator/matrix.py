"""The practice homeserver: sending, redacting, aliases and whoami, with Synapse's own limit, memory and words."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.changes import What
from app.simulator.images import is_image, mark
from app.simulator.matrix_who import Who, who_of
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Bucket

LONGEST = 65_536
AROUND = 700  # what surrounds the content of an event: ids, hashes, a signature
REMEMBERED_S = 30 * 60.0

_SEND = re.compile(r"rooms/([^/]+)/send/m\.room\.message/([^/]+)")
_REDACT = re.compile(r"rooms/([^/]+)/redact/([^/]+)/([^/]+)")
_ALIAS = re.compile(r"directory/room/([^/]+)")
_NOT_IN = "User {user} not in room {room}"
_NO_POWER = "You don't have permission to post that to the room. user_level (0) < send_level (50)"
_CLOSED = {
    State.UNKNOWN: _NOT_IN,
    State.KICKED: _NOT_IN,
    State.DELETED: _NOT_IN,
    State.BLOCKED: _NO_POWER,
    State.MIGRATED: _NO_POWER,  # an upgraded room stays, and only its administrators may speak in it
}


class Matrix:
    """Every user is in every room. What a device said under a transaction id is remembered per room for half an hour,
    whatever it was: to anything under the same id the answer is the same event."""

    platform = "matrix"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._seen: dict[tuple[str, str], tuple[str, float]] = {}
        self._again: dict[tuple[str, str], int] = {}
        self._stands: dict[str, tuple[str, str]] = {}
        self._media: dict[str, str] = {}

    async def handle(self, request: Request) -> Response:
        path, method = request.path_params["path"], request.method
        who = who_of(request.headers.get("authorization", ""))
        if who is None:
            return _no(401, "M_MISSING_TOKEN", "Missing access token").response
        if method == "PUT" and (found := _SEND.fullmatch(path)):
            dead = (self.platform, who.token) in self._practice.fixtures.dead
            if (edit := _replaces(await request.body())) and not dead:
                return self._replace(who, found[1], found[2], edit).response
            call = self._call(who, found[1], found[2], await request.body())
            return call.response if isinstance(call, Answer) else await self._practice.receive(self, call, request)
        if (self.platform, who.token) in self._practice.fixtures.dead:
            return self.credential_refused().response
        return self._aside(method, path, who).response

    async def lay(self, request: Request) -> Response:
        """Keep a file for the events that will name it. Synapse counts no upload."""
        who, content = who_of(request.headers.get("authorization", "")), await request.body()
        if who is None or (self.platform, who.token) in self._practice.fixtures.dead:
            return self.credential_refused().response
        address = f"mxc://localhost/{mark(content)[:24]}"
        self._media[address] = mark(content) if is_image(content) else ""
        return _yes(content_uri=address).response

    def rules(self, call: Call, _target: Target) -> Sequence[Bucket]:
        return [Bucket(f"matrix {call.hint}", 10, 0.2, "0.2 a second by one user, ten at once")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state in _CLOSED:
            words = _CLOSED[target.state].format(user=call.hint, room=call.target)
            return _no(403, "M_FORBIDDEN", words)
        return _no(413, "M_TOO_LARGE", call.problem) if call.problem else None

    def accepted(self, call: Call) -> Answer:
        name = (call.target, str(call.key))
        if name not in self._seen:
            self._seen[name] = (_event(*name), self._practice.now())
            self._stands[self._seen[name][0]] = (call.target, call.hint)
        return _yes(event_id=self._seen[name][0])

    def throttled(self, wait_s: float) -> Answer:
        words = {"error": "Too Many Requests", "retry_after_ms": int(wait_s * 1000)}
        body = {"errcode": "M_LIMIT_EXCEEDED", **words}
        return Answer("429", JSONResponse(body, 429, {"Retry-After": str(math.ceil(wait_s))}))

    def credential_refused(self) -> Answer:
        return _no(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.", soft_logout=False)

    def wait(self, early_s: float, *, last_s: float) -> float:  # noqa: ARG002 - it punishes nobody
        """Until the bucket has room; a refused call changes nothing."""
        return early_s

    def _call(self, who: Who, room: str, txn: str, body: bytes) -> Call | Answer:
        """The message in the body, or the error for one that cannot be read."""
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            return _no(400, "M_NOT_JSON", "Content not JSON.")
        if not isinstance(said, dict) or not isinstance(said.get("body"), str):
            return _no(400, "M_UNKNOWN", "'body' not in content")
        picture = self._media.get(str(said.get("url")), "") if said.get("msgtype") == "m.image" else ""
        size = len(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")) + AROUND
        return Call(
            target=room,
            text="" if picture else said["body"],
            credential=who.token,
            hint=who.user,
            key=self._key(who, room, txn),
            problem="event too large" if size > LONGEST else "",
            picture=picture,
        )

    def _key(self, who: Who, room: str, txn: str) -> str:
        """A transaction as the server tells it from others: by its device, and anew once it was forgotten."""
        name = (room, f"{who.device} {txn}")
        turn = self._again.get(name, 0)
        key = f"{name[1]} ({turn})" if turn else name[1]
        known = self._seen.get((room, key))
        if known is None or self._practice.now() - known[1] <= REMEMBERED_S:
            return key
        self._again[name] = turn + 1
        return f"{name[1]} ({turn + 1})"

    def _aside(self, method: str, path: str, who: Who) -> Answer:
        """What puts no message into a room."""
        if method == "GET" and path == "account/whoami":
            return _yes(user_id=who.user, is_guest=False, device_id=who.device)
        if method == "GET" and (found := _ALIAS.fullmatch(path)):
            return self._room(found[1])
        if method == "PUT" and (found := _REDACT.fullmatch(path)):
            return self._redact(who, found[1], found[2], found[3])
        return _no(404, "M_UNRECOGNIZED", "Unrecognized request")

    def _room(self, alias: str) -> Answer:
        """`#one:e.org` means `!one:e.org`; of an upgraded room, its successor."""
        if not re.fullmatch(r"#[^:]+:.+", alias):
            return _no(400, "M_INVALID_PARAM", "Room alias invalid")
        find = self._practice.fixtures.find
        if find(self.platform, alias).state is not State.OPEN:
            return _no(404, "M_NOT_FOUND", f"Room alias {alias} not found")
        room = find(self.platform, f"!{alias[1:]}")
        successor = f"!{room.migrate_to or 1}:{alias.partition(':')[2]}"
        return _yes(room_id=successor if room.state is State.MIGRATED else f"!{alias[1:]}", servers=["localhost"])

    def _redact(self, who: Who, room: str, event: str, txn: str) -> Answer:
        call = Call(target=room, text="", credential=who.token, hint=who.user, key=self._key(who, room, txn))
        target = self._practice.fixtures.find(self.platform, room)
        name, at = (room, str(call.key)), self._practice.now()
        if name in self._seen:
            return _yes(event_id=self._seen[name][0])
        closed = self.refusal(call, target) or self._not_yours(who, room, event)
        breach = self._practice.judge.breach("", self.rules(call, target), at=at)
        if closed is not None or breach is not None:
            return closed or self.throttled(breach.early_s if breach else 0.0)
        self._practice.judge.accept(self.rules(call, target), at=at)
        self._seen[name] = (_event(*name), at)
        self._practice.changed(self.platform, room, event, What.TAKEN_BACK)
        return _yes(event_id=self._seen[name][0])

    def _replace(self, who: Who, room: str, txn: str, edit: tuple[str, str]) -> Answer:
        """An event that stands for another one from now on. A homeserver takes it whatever it replaces; readers heed
        only the author's own."""
        event, text = edit
        call = Call(target=room, text=text, credential=who.token, hint=who.user, key=self._key(who, room, txn))
        name, at = (room, str(call.key)), self._practice.now()
        if name in self._seen:
            return _yes(event_id=self._seen[name][0])
        closed = self.refusal(call, self._practice.fixtures.find(self.platform, room))
        rules = self.rules(call, self._practice.fixtures.find(self.platform, room))
        breach = self._practice.judge.breach("", rules, at=at)
        if closed is not None or breach is not None:
            return closed or self.throttled(breach.early_s if breach else 0.0)
        self._practice.judge.accept(rules, at=at)
        self._seen[name] = (_event(*name), at)
        if self._stands.get(event) == (room, who.user):
            self._practice.changed(self.platform, room, event, What.EDITED, text)
        return _yes(event_id=self._seen[name][0])

    def _not_yours(self, who: Who, room: str, event: str) -> Answer | None:
        where = self._stands.get(event)
        if where is None:
            return _no(404, "M_NOT_FOUND", f"Could not find event {event}")
        if where[0] != room:
            return _no(400, "M_UNKNOWN", "Cannot redact event from a different room")
        yours = where[1] == who.user
        return None if yours else _no(403, "M_FORBIDDEN", "You don't have permission to redact events")


def _replaces(body: bytes) -> tuple[str, str] | None:
    """The event that this one replaces, and the new words, if it replaces any."""
    try:
        said = json.loads(body)
        relates, new = said["m.relates_to"], said["m.new_content"]
        return (str(relates["event_id"]), str(new["body"])) if relates["rel_type"] == "m.replace" else None
    except (ValueError, RecursionError, KeyError, TypeError):
        return None


def _event(room: str, key: str) -> str:
    digest = hashlib.sha256(f"{room} {key}".encode(errors="replace")).digest()
    return "$" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _yes(**words: object) -> Answer:
    return Answer("ok", JSONResponse(words))


def _no(status: int, errcode: str, error: str, **more: object) -> Answer:
    body: Mapping[str, object] = {"errcode": errcode, "error": error, **more}
    return Answer(f"{status} {errcode}", JSONResponse(body, status))
