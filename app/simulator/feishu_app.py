"""The practice Feishu for apps: lends tokens, posts once per `uuid` and hour, takes back what is a day old at most, and
puts other words in the place of a text, 20 times, or of a card that all see alike, for 14 days."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.bodies import as_object, json_body
from app.simulator.changes import What
from app.simulator.feishu_words import CLOSED, KEYED_S, STALE, call_of, words_of
from app.simulator.images import file_in, is_image, mark
from app.simulator.lent import Lent
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import Target
from app.simulator.windows import Rule

LONGEST = 150 * 1024
RECALLABLE_S = 24 * 3600.0
LONGEST_CARD = 30 * 1024
EDITABLE_S = 14 * RECALLABLE_S
MOST_EDITS = 20


@dataclass
class _Message:
    number: str
    app: str
    at: float
    target: str
    kind: str
    stands: bool = True
    edits: int = 0


class FeishuApp:
    """An app's id is the credential; any secret is right until the app is `dead`."""

    platform = "feishu_app"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._lent = Lent("t-", renew_s=1800)
        self._numbers = count(1)
        self._messages: dict[str, _Message] = {}
        self._keyed: dict[tuple[str, str], _Message] = {}
        self._crowded_chat = False
        self._pictures: dict[str, tuple[str, str]] = {}

    async def lend(self, request: Request) -> Response:
        """`tenant_access_token/internal`."""
        said = await json_body(request) or {}
        app, secret = said.get("app_id"), said.get("app_secret")
        if not isinstance(app, str) or not isinstance(secret, str) or not app or not secret:
            return _code(10003, "invalid param").response
        if (self.platform, app) in self._practice.fixtures.dead:
            return _code(10014, "app secret invalid").response
        token, lives_s = self._lent.lend(app, now=self._practice.now())
        return JSONResponse({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": lives_s})

    async def handle(self, request: Request) -> Response:
        """`im/v1/messages`: one message to a chat or a person."""
        app = self._caller(request)
        if isinstance(app, Answer):
            return app.response
        body = await request.body()
        said = as_object(body) or {}
        kind = request.query_params.get("receive_id_type", "")
        call = call_of(app, kind, said)
        if call.kind == "image":
            owner, picture = self._pictures.get(call.text, ("", ""))
            call = replace(call, text="", picture=picture, problem="" if owner == app else "invalid image_key")
        if len(body) > (LONGEST_CARD if call.kind == "interactive" else LONGEST):
            return _code(230025, "The length of the message content reaches its limit.").response
        if call.key is not None:
            self._let_go(call.target, call.key)
        return await self._practice.receive(self, call, request)

    async def lay(self, request: Request) -> Response:
        """`im/v1/images`: keep a picture for the messages of this app."""
        app, content = self._caller(request), await file_in(request, "image")
        if isinstance(app, Answer):
            return app.response
        if not is_image(content) or (await request.form()).get("image_type") != "message":
            return _code(234001, "Invalid request param.").response
        key = f"img_v3_practice_{len(self._pictures) + 1}"
        self._pictures[key] = app, mark(content)
        return JSONResponse({"code": 0, "msg": "success", "data": {"image_key": key}})

    async def recall(self, request: Request) -> Response:
        app = self._caller(request)
        if isinstance(app, Answer):
            return app.response
        message = self._messages.get(request.path_params["message_id"])
        if message is None:
            return _code(230001, "Your request contains an invalid request parameter, ext=invalid message_id.").response
        if message.app != app:
            return _code(230026, "No permission to recall this message.").response
        if not message.stands:
            return _code(230110, "The message has been recalled or deleted.").response
        if self._practice.now() - message.at > RECALLABLE_S:
            return _code(230009, "Message can only be recalled within one days.").response
        message.stands = False
        self._practice.changed(self.platform, message.target, message.number, What.TAKEN_BACK)
        return JSONResponse({"code": 0, "msg": "success", "data": {}})

    async def pin(self, request: Request) -> Response:
        """`im/v1/pins`: once or more, it is pinned."""
        app, said = self._caller(request), await json_body(request) or {}
        if isinstance(app, Answer):
            return app.response
        message = self._messages.get(str(said.get("message_id")))
        if message is None or not message.stands:
            return _code(230110, "The message has been recalled or deleted.").response
        self._practice.changed(self.platform, message.target, message.number, What.PINNED)
        pin = {"message_id": message.number, "operator_id": app}
        return JSONResponse({"code": 0, "msg": "success", "data": {"pin": pin}})

    async def edit(self, request: Request) -> Response:
        """PUT for a text, PATCH for a card."""
        app = self._caller(request)
        if isinstance(app, Answer):
            return app.response
        if (self.platform, app) in self._practice.fixtures.dead:
            return _code(*STALE).response
        message = self._messages.get(request.path_params["message_id"])
        if message is None:
            return _code(230001, "Your request contains an invalid request parameter, ext=invalid message_id.").response
        said = await json_body(request) or {}
        kind = "interactive" if request.method == "PATCH" else str(said.get("msg_type"))
        text = words_of(kind, said)
        return await self._practice.aside(
            self, message.target, request, lambda: self._edit(message, app, kind=kind, text=text)
        )

    def _edit(self, message: _Message, app: str, *, kind: str, text: str) -> Answer:
        target = self._practice.fixtures.find(self.platform, message.target)
        refused = CLOSED.get(target.state) or self._uneditable(message, app, kind=kind, text=text)
        if refused:
            return _code(*refused)
        message.edits += 1
        self._practice.changed(self.platform, message.target, message.number, What.EDITED, text)
        return Answer("0", JSONResponse({"code": 0, "msg": "success", "data": {"message_id": message.number}}))

    def _uneditable(self, message: _Message, app: str, *, kind: str, text: str) -> tuple[int, str] | None:
        """Why these words cannot come in this message's place, or nothing."""
        spent = kind == "text" and message.edits >= MOST_EDITS
        reasons = (
            (message.app != app, (230071, "The operator is not the sender of the message.")),
            (not message.stands, (230110, "The message has been recalled or deleted.")),
            (message.kind != kind, (230054, "This operation is not supported for this message type.")),
            (not text, (230001, "Your request contains an invalid request parameter, ext=invalid content.")),
            (spent, (230072, "The message has reached the number of times it can be edited.")),
            (self._practice.now() - message.at > EDITABLE_S, (230075, "The time to edit the message has passed.")),
        )
        return next((refused for holds, refused in reasons if holds), None)

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        chat = [Rule(f"feishu_app {call.target}", 5, 1, "five a second in one chat")]
        now = self._practice.now()
        self._crowded_chat = self._practice.judge.breach("", chat, at=now) is not None
        return [
            *chat,
            Rule(f"feishu_app by {call.credential}", 50, 1, "50 a second by one app"),
            Rule(f"feishu_app by {call.credential}", 1000, 60, "1000 a minute by one app"),
        ]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if call.problem:
            return _code(230001, f"Your request contains an invalid request parameter, ext={call.problem}.")
        return _code(*CLOSED[target.state]) if target.state in CLOSED else None

    def accepted(self, call: Call) -> Answer:
        """The message; for a repeated key, the one that stands already."""
        message = self._keyed.get((call.target, call.key)) if call.key is not None else None
        if message is None:
            number = f"om_practice{next(self._numbers)}"
            message = _Message(number, call.credential, self._practice.now(), call.target, call.kind)
            self._messages[message.number] = message
            if call.key is not None:
                self._keyed[call.target, call.key] = message
        chat = call.target if call.target.startswith("oc_") else f"oc_with_{call.target}"
        data = {"message_id": message.number, "chat_id": chat, "msg_type": call.kind}
        return Answer("0", JSONResponse({"code": 0, "msg": "success", "data": data}))

    def throttled(self, wait_s: float) -> Answer:
        """The chat's own limit; everything else the gateway turns away, with the seconds in a header."""
        chat, self._crowded_chat = self._crowded_chat, False
        if chat:
            return _code(230020, "This operation triggers the frequency limit, ext=chat rate limit")
        headers = {"x-ogw-ratelimit-limit": "50", "x-ogw-ratelimit-reset": str(math.ceil(wait_s))}
        body = {"code": 99991400, "msg": "request trigger frequency limit"}
        return Answer("99991400", JSONResponse(body, 429, headers))

    def credential_refused(self) -> Answer:
        return _code(*STALE)

    def wait(self, early_s: float, *, last_s: float) -> float:  # noqa: ARG002 - no penalty is published
        return early_s

    def _caller(self, request: Request) -> str | Answer:
        """The app whose token this is, or what is wrong with the token."""
        given = request.headers.get("authorization", "")
        if not given:
            return _code(99991661, "Missing access token for authorization.")
        scheme, _, token = given.partition(" ")
        if scheme != "Bearer" or not token.startswith("t-"):
            return _code(99991671, "Invalid access token for authorization. The token must begin with t- or u-.")
        return self._lent.holder(token, now=self._practice.now()) or _code(*STALE)

    def _let_go(self, target: str, key: str) -> None:
        """Forget a key after its hour."""
        message = self._keyed.get((target, key))
        if message is not None and self._practice.now() - message.at > KEYED_S:
            del self._keyed[target, key]


def _code(code: int, message: str) -> Answer:
    return Answer(str(code), JSONResponse({"code": code, "msg": message}, 400))
