"""The practice WeCom's customer mass send: a task asks the owner of groups; nothing stands until he presses send."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulator.bodies import json_body
from app.simulator.changes import What
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.wecom_app import WeComApp, code_of
from app.simulator.windows import Rule

LONGEST = 4000
CHATS_MOST = 2000
REMINDERS = 3
DAY_S = 24 * 3600.0
MONTHLY = 30
"""A customer group gets as many in as many days, unless its fixture has a `limit` of its own."""
TOO_OFTEN = 45009
"""To a fourth reminder, unless its owner's fixture `says` another code: WeCom's own is published nowhere."""
WAITING, SENT, NOT_THEIRS, HAD_ENOUGH = range(4)


@dataclass
class _Task:
    secret: str
    owner: str
    text: str
    chats: dict[str, int]
    made_at: int
    sent_at: dict[str, int] = field(default_factory=dict)
    reminded: list[float] = field(default_factory=list)
    pressed: bool = False
    cancelled: bool = False


class WeComCustomers:
    """A closed target is no customer group of its owner's. `press` is the owner pressing send in his program; who lives
    among the practice leaders does so by himself."""

    platform = "wecom_customers"

    def __init__(self, practice: Practice, app: WeComApp, asked: Callable[[str, str, Callable[[], int]], None]) -> None:
        """`asked(platform, owner, press)` is told of every task; `press` sends it, and answers the status."""
        self._practice = practice
        self._app = app
        self._asked = asked
        self._numbers = count(1)
        self._tasks: dict[str, _Task] = {}
        self._had: dict[str, list[float]] = {}

    def routes(self) -> list[Route]:
        paths = {
            "add_msg_template": self._add,
            "get_groupmsg_list_v2": self._listed,
            "get_groupmsg_task": self._owners,
            "get_groupmsg_send_result": self._results,
            "remind_groupmsg_send": self._remind,
            "cancel_groupmsg_send": self._cancel,
        }
        return [
            *(Route(f"/cgi-bin/externalcontact/{name}", does, methods=["POST"]) for name, does in paths.items()),
            Route("/_sim/wecom/press", self._press, methods=["POST"]),
        ]

    async def _add(self, request: Request) -> Response:
        secret = self._app.caller(request)
        if isinstance(secret, Answer):
            return secret.response
        said = await json_body(request)
        if said is None:
            return code_of(47001, "data format error. Warning: wrong json format.").response
        problem = _problem(said)
        if problem is not None:
            return problem.response
        chats = [str(chat) for chat in _list(said["chat_id_list"])]

        def act() -> Answer:
            failed = [chat for chat in chats if not self._open(chat)]
            number = f"msg_practice_{next(self._numbers)}"
            held = {chat: WAITING for chat in chats if chat not in failed}
            self._tasks[number] = _Task(secret, str(said["sender"]), _text(said), held, self._wall())
            self._practice.changed(self.platform, chats[0], number, What.ASKED, _text(said))
            self._asked(self.platform, str(said["sender"]), lambda: self._send(number).status_code)
            return Answer("0", JSONResponse({"errcode": 0, "errmsg": "ok", "fail_list": failed, "msgid": number}))

        return await self._practice.aside(self, chats[0], request, act)

    async def _listed(self, request: Request) -> Response:
        """The tasks that the company made between two moments, a month apart at most."""
        secret = self._app.caller(request)
        if isinstance(secret, Answer):
            return secret.response
        said = await json_body(request) or {}
        since, until = (_whole(said.get(name)) for name in ("start_time", "end_time"))
        if said.get("chat_type") != "group" or since is None or until is None or until - since > MONTHLY * DAY_S:
            return code_of(40058, "invalid Request Parameter").response
        rows = [
            {"msgid": number, "creator": "", "create_time": task.made_at, "text": {"content": task.text}}
            for number, task in self._tasks.items()
            if task.secret == secret and since <= task.made_at <= until and said.get("filter_type") != 1
        ]
        return _paged("group_msg_list", rows, said, most=100)

    def _wall(self) -> int:
        return int(time.time() + self._practice.ahead_s)

    async def _owners(self, request: Request) -> Response:
        task, said = await self._found(request)
        if isinstance(task, Answer):
            return task.response
        sent_at = max(task.sent_at.values(), default=0)
        row = {"userid": task.owner, "status": 2 if task.pressed else 0, "send_time": sent_at}
        return _paged("task_list", [] if task.cancelled and not task.pressed else [row], said)

    async def _results(self, request: Request) -> Response:
        task, said = await self._found(request)
        if isinstance(task, Answer):
            return task.response
        rows: list[Mapping[str, object]] = [
            {"chat_id": chat, "userid": task.owner, "status": status, "send_time": task.sent_at.get(chat, 0)}
            for chat, status in task.chats.items()
            if said.get("userid") == task.owner
        ]
        return _paged("send_list", rows, said)

    async def _remind(self, request: Request) -> Response:
        task, _ = await self._found(request)
        if isinstance(task, Answer):
            return task.response
        now = self._practice.now()
        task.reminded = [at for at in task.reminded if now - at < DAY_S]
        if len(task.reminded) >= REMINDERS:
            says = self._practice.fixtures.find(self.platform, task.owner).says or ""
            code = int(says) if says.isdecimal() else TOO_OFTEN
            return code_of(code, "remind more than 3 times in 24 hours").response
        task.reminded.append(now)
        return code_of(0, "ok").response

    async def _cancel(self, request: Request) -> Response:
        task, _ = await self._found(request)
        if isinstance(task, Answer):
            return task.response
        task.cancelled = True
        return code_of(0, "ok").response

    async def _press(self, request: Request) -> Response:
        number = (await json_body(request) or {}).get("msgid")
        return self._send(number if isinstance(number, str) else "")

    def _send(self, number: str) -> Response:
        """The owner presses send: each group that is his and has not had enough has the text now."""
        task = self._tasks.get(number)
        if task is None or task.pressed or task.cancelled:
            return JSONResponse({"detail": "there is no such task to be sent"}, 409)
        task.pressed = True
        for chat in task.chats:
            call = Call(target=chat, text=task.text, hint=task.secret[-4:], kind="text")
            task.chats[chat] = int(self._practice.take(self, call, self._practice.now()).word)
            if task.chats[chat] == SENT:
                task.sent_at[chat] = self._wall()
        return JSONResponse({"chats": task.chats})

    def rules(self, _call: Call, _target: Target) -> Sequence[Rule]:
        return ()  # what a group has had enough of is told by `refusal`, and is no breach of the sender's

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state is not State.OPEN:
            return Answer(str(NOT_THEIRS), Response())
        most, within = (target.limit.count, target.limit.per_s) if target.limit else (MONTHLY, MONTHLY * DAY_S)
        had = [at for at in self._had.get(call.target, ()) if self._practice.now() - at < within]
        return Answer(str(HAD_ENOUGH), Response()) if len(had) >= most else None

    def accepted(self, call: Call) -> Answer:
        self._had.setdefault(call.target, []).append(self._practice.now())
        return Answer(str(SENT), Response())

    def throttled(self, _wait_s: float) -> Answer:
        return code_of(45009, "api freq out of limit")

    def credential_refused(self) -> Answer:
        return code_of(40014, "invalid access_token")

    def wait(self, early_s: float, *, last_s: float) -> float:  # noqa: ARG002 - there are no rules to break
        return early_s

    def _open(self, chat: str) -> bool:
        return self._practice.fixtures.find(self.platform, chat).state is not State.UNKNOWN

    async def _found(self, request: Request) -> tuple[_Task | Answer, Mapping[str, object]]:
        """The task that is asked after, of the company that asks."""
        secret = self._app.caller(request)
        said = await json_body(request) or {}
        if isinstance(secret, Answer):
            return secret, said
        number = said.get("msgid")
        task = self._tasks.get(number) if isinstance(number, str) else None
        if task is None or task.secret != secret:
            return code_of(40058, "invalid Request Parameter, msgid"), said
        return task, said


def _problem(said: Mapping[str, object]) -> Answer | None:
    chats = _list(said.get("chat_id_list"))
    if said.get("chat_type") != "group" or not said.get("sender") or not 1 <= len(chats) <= CHATS_MOST:
        return code_of(40058, "invalid Request Parameter")
    if not _text(said):
        return code_of(44004, "empty content")
    return code_of(45002, "content size out of limit") if len(_text(said).encode(errors="replace")) > LONGEST else None


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _text(said: Mapping[str, object]) -> str:
    text = said.get("text")
    return str(text.get("content") or "") if isinstance(text, dict) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _paged(
    name: str, rows: Sequence[Mapping[str, object]], said: Mapping[str, object], *, most: int = 1000
) -> Response:
    """One page of a list. The cursor is the place it goes on at."""
    limit, cursor = said.get("limit"), str(said.get("cursor") or "0")
    size = limit if isinstance(limit, int) and 1 <= limit <= most else most // 2
    start = int(cursor) if cursor.isdecimal() else 0
    following = str(start + size) if start + size < len(rows) else ""
    body = {"errcode": 0, "errmsg": "ok", "next_cursor": following, name: [*rows[start : start + size]]}
    return JSONResponse(body)
