"""The practice Slack: incoming webhooks that answer with one word, and an app's chat.postMessage, chat.delete and
auth.test, which say everything in a 200. About one message a second in a channel, five at once."""

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.simulator.changes import What
from app.simulator.practice import Answer, Call, Practice
from app.simulator.slack_files import Files
from app.simulator.slack_words import (
    answered,
    as_said,
    invalid_file,
    kind_of,
    no,
    parameters,
    seen,
    slow_down,
    wait_of,
    word,
    yes,
)
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 40_000

_PATH = re.compile(r"T\w+/B\w+/\w+", re.ASCII)
_TOKEN = re.compile(r"xox[bp]-[\w-]+", re.ASCII)
_CLOSED_HOOK = {
    State.UNKNOWN: (404, "no_service"),
    State.KICKED: (403, "action_prohibited"),
    State.BLOCKED: (403, "posting_to_general_channel_denied"),
    State.DELETED: (410, "channel_is_archived"),
    State.MIGRATED: (404, "channel_not_found"),
}
_CLOSED_CHANNEL = {
    State.UNKNOWN: "channel_not_found",
    State.KICKED: "not_in_channel",
    State.BLOCKED: "restricted_action",
    State.DELETED: "is_archived",
    State.MIGRATED: "channel_not_found",
}


class Hook:
    """The path behind /services/ is the chat and the only credential."""

    platform = "slack"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice

    async def handle(self, request: Request) -> Response:
        path = request.path_params["hook"]
        said = as_said(await request.body())
        if not _PATH.fullmatch(path):
            return word(404, "no_service_id").response
        text = str((said or {}).get("text") or "")
        problem = "invalid_payload" if said is None else "" if text else "no_text"
        call = Call(target=path, text=seen(text), hint=path.split("/")[1], kind=kind_of(text), problem=problem)
        return await self._practice.receive(self, call, request)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [Rule(f"slack {call.target}", 5, 5, "one a second in one channel, five at once")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state in _CLOSED_HOOK:
            return word(*_CLOSED_HOOK[target.state])
        return word(400, call.problem) if call.problem else None

    def accepted(self, call: Call) -> Answer:
        return Answer(f"ok {call.kind}", PlainTextResponse("ok"))

    def throttled(self, wait_s: float) -> Answer:
        body = {"retry_after": math.ceil(wait_s), "ok": False, "error": "rate_limited"}
        return Answer("429", JSONResponse(body, 429, {"Retry-After": str(math.ceil(wait_s))}))

    def credential_refused(self) -> Answer:
        return word(403, "invalid_token")

    def wait(self, early_s: float, *, last_s: float) -> float:
        return wait_of(early_s, last_s=last_s)


class App:
    """A bot with a token. What it posted it may delete; a person's id opens a conversation with an id of its own."""

    platform = "slack"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._numbers = count(1)
        self._stands: dict[tuple[str, str], str] = {}
        self._written: list[tuple[str, dict[str, object], object]] = []
        self._files = Files()
        self._pinned: set[tuple[str, str]] = set()

    async def handle(self, request: Request) -> Response:
        method = request.path_params["method"]
        said = await parameters(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or str(said.get("token") or "")
        if not _TOKEN.fullmatch(token):
            return no("invalid_auth" if token else "not_authed").response
        if method == "chat.postMessage":
            text, picture, problem = str(said.get("text") or ""), "", ""
            if said.get("blocks"):
                text, picture, problem = self._files.shown(token, said)
            channel, kind = str(said.get("channel") or ""), kind_of(text)
            call = Call(channel, seen(text), token, token[-4:], kind=kind, picture=picture, problem=problem)
            call = replace(call, carried=said.get("metadata"))
            return await self._practice.receive(self, call, request)
        if ("slack", token) in self._practice.fixtures.dead:
            return self.credential_refused().response
        if method == "conversations.history":  # this one reads no JSON
            json = request.headers.get("content-type", "").startswith("application/json")
            return (no("invalid_arguments") if json else self._history(said)).response
        if method == "files.getUploadURLExternal":
            return answered(self._files.begin(token, str(request.base_url), said)).response
        return self._aside(method, token, said).response

    async def take(self, request: Request) -> Response:
        return await self._files.take(request)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        app = f"slack {call.credential}"
        return [
            Rule(f"{app} {call.target}", 5, 5, "one a second in one channel, five at once"),
            Rule(app, 300, 60, "several hundred a minute by one app"),
        ]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if not call.target or target.state in _CLOSED_CHANNEL:
            return no(_CLOSED_CHANNEL.get(target.state, "channel_not_found"))
        if call.problem:
            return invalid_file() if call.problem == "invalid_blocks" else no(call.problem)
        if not call.text and not call.picture:
            return no("no_text")
        return no("msg_too_long") if len(call.text) > LONGEST else None

    def accepted(self, call: Call) -> Answer:
        number = next(self._numbers)
        channel = f"D{call.target[1:]}" if call.target[0] in "UW" else call.target
        ts = f"{int(time.time() + self._practice.ahead_s)}.{number % 1_000_000:06d}"
        self._stands[channel, ts] = call.credential
        message: dict[str, object] = {"type": "message", "text": call.text, "ts": ts}
        self._written.append((channel, message, call.carried))
        return yes(f"ok {call.kind}", channel=channel, ts=ts, message=message)

    def throttled(self, wait_s: float) -> Answer:
        return slow_down(wait_s)

    def credential_refused(self) -> Answer:
        return no("account_inactive")

    def wait(self, early_s: float, *, last_s: float) -> float:
        return wait_of(early_s, last_s=last_s)

    def _aside(self, method: str, token: str, said: Mapping[str, object]) -> Answer:
        """The methods that put nothing into a chat."""
        if method == "auth.test":
            who = {"team": "Practice", "user": "practice", "team_id": "T0PRACTICE", "user_id": "U0PRACTICE"}
            return yes("ok", url="https://practice.slack.com/", bot_id="B0PRACTICE", **who)
        if method == "files.completeUploadExternal":
            return answered(self._files.complete(token, said))
        if method == "pins.add":
            return self._pin(said)
        if method == "chat.update":
            return self._update(token, said)
        return self._delete(token, said) if method == "chat.delete" else no("unknown_method")

    def _history(self, said: Mapping[str, object]) -> Answer:
        """What stands in a channel, the newest first, one page of it."""
        channel, oldest = str(said.get("channel") or ""), float(str(said.get("oldest") or 0))
        if self._practice.fixtures.find("slack", channel).state in _CLOSED_CHANNEL:
            return no(_CLOSED_CHANNEL[self._practice.fixtures.find("slack", channel).state])
        standing = [
            message | ({"metadata": carried} if carried and said.get("include_all_metadata") else {})
            for where, message, carried in reversed(self._written)
            if where == channel and (channel, message["ts"]) in self._stands and float(str(message["ts"])) >= oldest
        ]
        start, most = int(str(said.get("cursor") or 0)), int(str(said.get("limit") or 100))
        page, left = standing[start : start + most], standing[start + most :]
        further = {"response_metadata": {"next_cursor": str(start + most)}} if left else {}
        return yes("ok", messages=page, has_more=bool(left), **further)

    def _update(self, token: str, said: Mapping[str, object]) -> Answer:
        channel, ts, text = (str(said.get(name) or "") for name in ("channel", "ts", "text"))
        call = Call(channel, seen(text), token, token[-4:])
        if closed := self.refusal(call, self._practice.fixtures.find("slack", channel)):
            return closed
        if (channel, ts) not in self._stands:
            return no("message_not_found")
        if self._stands[channel, ts] != token:
            return no("cant_update_message")
        self._practice.changed(self.platform, channel, ts, What.EDITED, call.text)
        return yes("ok", channel=channel, ts=ts, text=text)

    def _pin(self, said: Mapping[str, object]) -> Answer:
        channel, ts = str(said.get("channel") or ""), str(said.get("timestamp") or "")
        if (channel, ts) not in self._stands:
            return no("message_not_found")
        if (channel, ts) in self._pinned:
            return no("already_pinned")
        self._pinned.add((channel, ts))
        self._practice.changed(self.platform, channel, ts, What.PINNED)
        return yes("ok")

    def _delete(self, token: str, said: Mapping[str, object]) -> Answer:
        rule = Rule(f"slack {token} chat.delete", 50, 60, "50 deletions a minute by one app")
        judge, at = self._practice.judge, self._practice.now()
        breach = judge.breach(rule.lane, [rule], at=at)
        if breach is not None:
            return slow_down(wait_of(breach.early_s, last_s=0))
        judge.accept([rule], at=at)
        channel, ts = str(said.get("channel") or ""), str(said.get("ts") or "")
        if self._practice.fixtures.find("slack", channel).state is State.UNKNOWN or channel[:1] not in "CGD":
            return no("channel_not_found")
        if (channel, ts) not in self._stands:
            return no("message_not_found")
        if self._stands[channel, ts] != token:
            return no("cant_delete_message")
        del self._stands[channel, ts]
        self._practice.changed(self.platform, channel, ts, What.TAKEN_BACK)
        return yes("ok", channel=channel, ts=ts)
