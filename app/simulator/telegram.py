"""The practice Telegram: it posts, deletes and edits messages and says who a bot is, with the server's own limits and
words."""

import math
import re
import time
from collections.abc import Mapping, Sequence
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.changes import What
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.telegram_words import FILE, call_of, parameters, photo_in, photo_of, problem_of
from app.simulator.windows import Rule

LONGEST_WAIT_S = 600.0
DELETABLE_S = 48 * 3600.0

_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_CLOSED = {
    State.KICKED: (403, "Forbidden: bot was kicked from the {kind} chat"),
    State.BLOCKED: (403, "Forbidden: bot was blocked by the user"),
    State.DELETED: (403, "Forbidden: the group chat was deleted"),
    State.UNKNOWN: (400, "Bad Request: chat not found"),
}


class Telegram:
    platform = "telegram"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._numbers = count(1)
        self._stands: dict[tuple[str, str, int], float] = {}
        self._words: dict[tuple[str, str, int], str] = {}

    async def handle(self, request: Request) -> Response:
        token = request.path_params["token"]
        method = request.path_params["method"].lower()
        said = await parameters(request)
        if not _TOKEN.fullmatch(token):
            return _no(401, "Unauthorized: invalid token specified").response
        if method == "sendmessage":
            return await self._practice.receive(self, call_of(token, said), request)
        if method == "sendphoto":
            return await self._practice.receive(self, photo_of(token, said, await photo_in(request)), request)
        chat = str(said.get("chat_id", ""))
        return await self._practice.aside(self, chat, request, lambda: self._aside(method, token, said))

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        chat = f"telegram {call.credential} {call.target}"
        rules = [
            Rule(f"telegram {call.credential}", 30, 1, "30 a second by one bot"),
            Rule(chat, 3, 3, "one a second in one chat, three at once"),
        ]
        if call.target.startswith(("-", "@")):
            rules.append(Rule(chat, 20, 60, "20 a minute in one group"))
        return rules

    def refusal(self, call: Call, target: Target) -> Answer | None:
        problem = problem_of(call)
        if problem:
            return _no(400, f"Bad Request: {problem}")
        if target.state is State.MIGRATED:
            new = {"migrate_to_chat_id": target.migrate_to or -1_000_000_000_001}
            return _no(400, "Bad Request: group chat was upgraded to a supergroup chat", **new)
        if target.state in _CLOSED:
            code, words = _CLOSED[target.state]
            return _no(code, words.format(kind="supergroup" if call.target.startswith("-100") else "group"))
        return None

    def accepted(self, call: Call) -> Answer:
        number = next(self._numbers)
        name = (call.credential, call.target, number)
        self._stands[name], self._words[name] = self._practice.now(), call.text
        return _yes(self._message(call, number))

    def _message(self, call: Call, number: int) -> dict[str, object]:
        kind = "supergroup" if call.target[0] in "-@" else "private"
        chat = {"id": _number(call.target), "type": kind}
        said = (
            {"photo": [{"file_id": FILE + call.picture}], "caption": call.text} if call.picture else {"text": call.text}
        )
        return {"message_id": number, "date": int(time.time()), "chat": chat, **said}

    def throttled(self, wait_s: float) -> Answer:
        wait = math.ceil(wait_s)
        body = {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {wait}",
            "parameters": {"retry_after": wait},
        }
        return Answer("429", JSONResponse(body, 429, {"Retry-After": str(wait)}))

    def credential_refused(self) -> Answer:
        return _no(401, "Unauthorized")

    def wait(self, early_s: float, *, last_s: float) -> float:
        """Whole seconds until it fits; who calls again inside a penalty gets twice the last one."""
        return min(last_s * 2, LONGEST_WAIT_S) if last_s else float(max(1, math.ceil(early_s)))

    def _aside(self, method: str, token: str, said: Mapping[str, object]) -> Answer:
        """The methods that put nothing into a chat."""
        if ("telegram", token) in self._practice.fixtures.dead:
            return self.credential_refused()
        if method == "getme":
            number = int(token.partition(":")[0])
            return _yes({"id": number, "is_bot": True, "first_name": "Practice", "username": "practice_bot"})
        if method == "deletemessage":
            return self._delete(token, said)
        if method == "pinchatmessage":
            return self._pin(token, said)
        if method == "editmessagetext":
            return self._edit(token, said)
        return _no(404, "Not Found: method not found")

    def _edit(self, token: str, said: Mapping[str, object]) -> Answer:
        call, number = call_of(token, said), str(said.get("message_id", ""))
        target = self._practice.fixtures.find(self.platform, call.target)
        if closed := self.refusal(call, target):
            return closed
        name = (token, call.target, int(number) if number.isdecimal() else 0)
        if name not in self._stands:
            return _no(400, "Bad Request: message to edit not found")
        if self._words[name] == call.text:
            words = "specified new message content and reply markup are exactly the same as a current content"
            return _no(400, f"Bad Request: message is not modified: {words} and reply markup of the message")
        self._words[name] = call.text
        self._practice.changed(self.platform, call.target, number, What.EDITED, call.text)
        return _yes(self._message(call, name[2]))

    def _pin(self, token: str, said: Mapping[str, object]) -> Answer:
        number, chat = str(said.get("message_id", "")), str(said.get("chat_id", ""))
        if self._practice.fixtures.find(self.platform, chat).state is State.BLOCKED:
            return _no(400, "Bad Request: not enough rights to manage pinned messages in the chat")
        if (token, chat, int(number) if number.isdecimal() else 0) not in self._stands:
            return _no(400, "Bad Request: message to pin not found")
        self._practice.changed(self.platform, chat, number, What.PINNED)
        return _yes(True)  # noqa: FBT003 - the API's own answer

    def _delete(self, token: str, said: Mapping[str, object]) -> Answer:
        number = str(said.get("message_id", ""))
        name = (token, str(said.get("chat_id", "")), int(number) if number.isdecimal() else 0)
        since = self._stands.get(name)
        if since is None:
            return _no(400, "Bad Request: message to delete not found")
        if self._practice.now() - since > DELETABLE_S:
            return _no(400, "Bad Request: message can't be deleted")
        del self._stands[name]
        self._practice.changed(self.platform, name[1], number, What.TAKEN_BACK)
        return _yes(True)  # noqa: FBT003 - the API's own answer


def _number(target: str) -> int:
    try:
        return int(target)
    except ValueError:
        return -1_000_000_000_000 - sum(target.encode())  # a public name stands for some chat


def _yes(result: object) -> Answer:
    return Answer("ok", JSONResponse({"ok": True, "result": result}))


def _no(code: int, description: str, **parameters: object) -> Answer:
    body: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Answer(f"{code} {description}", JSONResponse(body, code))
