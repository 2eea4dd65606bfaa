"""The practice WeCom for apps: always HTTP 200; what is too much for a member is dropped and still called ok, what is
too long is cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.bodies import json_body
from app.simulator.lent import Lent
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Rule

LONGEST = 2048
RECALLABLE_S = 24 * 3600.0

_PAGE = "https://open.work.weixin.qq.com/devtool/query?e="


@dataclass(frozen=True)
class _Message:
    secret: str
    at: float


class WeComApp:
    """An app's secret is the credential; any is right until it is `dead`. A member that is `blocked` has no licence,
    any other closed one is unknown."""

    platform = "wecom_app"

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._lent = Lent("", renew_s=0)
        self._numbers = count(1)
        self._messages: dict[str, _Message] = {}
        self._too_much = False

    async def lend(self, request: Request) -> Response:
        """`gettoken`."""
        corp, secret = (request.query_params.get(name, "") for name in ("corpid", "corpsecret"))
        if not corp:
            return code_of(41002, "corpid missing").response
        if not secret or (self.platform, secret) in self._practice.fixtures.dead:
            return code_of(40001, "invalid credential").response
        token, lives_s = self._lent.lend(secret, now=self._practice.now())
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": lives_s})

    async def handle(self, request: Request) -> Response:
        """`message/send`: one message to one member."""
        secret = self.caller(request)
        if isinstance(secret, Answer):
            return secret.response
        said = await json_body(request)
        if said is None:
            return code_of(47001, "data format error. Warning: wrong json format.").response
        return await self._practice.receive(self, _call(secret, said), request)

    async def recall(self, request: Request) -> Response:
        secret = self.caller(request)
        if isinstance(secret, Answer):
            return secret.response
        number = (await json_body(request) or {}).get("msgid")
        message = self._messages.get(number) if isinstance(number, str) else None
        if message is None or message.secret != secret or self._practice.now() - message.at > RECALLABLE_S:
            return code_of(40058, "invalid Request Parameter, msgid").response
        return code_of(0, "ok").response

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        lane = f"wecom_app {call.credential} {call.target}"
        return [Rule(lane, 30, 60, "30 a minute to one member"), Rule(lane, 1000, 3600, "1000 an hour to one member")]

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if call.problem:
            code, _, words = call.problem.partition(" ")
            return code_of(int(code), words)
        if target.state is State.BLOCKED:
            return self._ok("no licence", unlicenseduser=call.target.lower())
        return None if target.state is State.OPEN else code_of(81013, "user & party & tag all invalid")

    def accepted(self, call: Call) -> Answer:
        number = f"practice_{next(self._numbers)}"
        self._messages[number] = _Message(call.credential, self._practice.now())
        return self._ok("0", msgid=number)

    def throttled(self, _wait_s: float) -> Answer:
        """Only the interface as a whole says "too often"; what is too much for a member vanishes behind an ok."""
        vanishes, self._too_much = self._too_much, False
        if vanishes:
            return self._ok("dropped", msgid=f"practice_{next(self._numbers)}")
        return code_of(45009, "api freq out of limit")

    def credential_refused(self) -> Answer:
        return code_of(40014, "invalid access_token")

    def wait(self, early_s: float, *, last_s: float) -> float:  # noqa: ARG002 - dropping is the whole penalty
        self._too_much = True
        return early_s

    def caller(self, request: Request) -> str | Answer:
        """The secret whose token this is, or what is wrong with the token."""
        token = request.query_params.get("access_token", "")
        if not token:
            return code_of(41001, "access_token missing")
        secret = self._lent.holder(token, now=self._practice.now())
        if secret is not None:
            return secret
        return (
            code_of(42001, "access_token expired")
            if self._lent.knows(token)
            else code_of(40014, "invalid access_token")
        )

    def _ok(self, word: str, **more: str) -> Answer:
        body = {"errcode": 0, "errmsg": "ok", "invaliduser": "", "invalidparty": "", "invalidtag": "", **more}
        return Answer(word, JSONResponse(body))


def _call(secret: str, said: Mapping[str, object]) -> Call:
    kind, member = said.get("msgtype"), str(said.get("touser") or "")
    inner = said.get(kind) if isinstance(kind, str) else None
    text = str(inner.get("content") or "") if isinstance(inner, dict) else ""
    problem = ""
    if kind not in {"text", "markdown"}:
        problem = "40008 invalid message type"
    elif not isinstance(said.get("agentid"), int):
        problem = "40056 invalid agentid"
    elif not text:
        problem = "44004 empty content"
    cut = text.encode(errors="replace")[:LONGEST].decode(errors="ignore")
    return Call(target=member, text=cut, credential=secret, hint=secret[-4:], kind=str(kind), problem=problem)


def code_of(code: int, message: str) -> Answer:
    hint = f", hint: [1634264791_224_ada10dc6c9d80465eb8d1e6784b329b7], from ip: 127.0.0.1, more info at {_PAGE}{code}"
    return Answer(str(code), JSONResponse({"errcode": code, "errmsg": message + hint if code else message}))
