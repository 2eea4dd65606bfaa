"""The two ways into the practice Discord: a webhook whose URL is its credential, and a bot with a token."""

import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulator.changes import What
from app.simulator.discord_words import CALLS, LONGEST_NONCE, called, no, parsed, problem_of, sent, slow_down, token_of
from app.simulator.practice import Answer, Call, Practice
from app.simulator.targets import State, Target
from app.simulator.windows import Breach, Rule

_FIRST_ID = 1_100_000_000_000_000_000


class _Wire:
    """What both ways share. The limit on all requests is `all`, the one nobody is told of `channel`."""

    platform = "discord"
    closed: ClassVar[Mapping[State, tuple[int, int]]]

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._numbers = count(_FIRST_ID)
        self._stands: set[tuple[str, str]] = set()

    def refusal(self, call: Call, target: Target) -> Answer | None:
        if target.state in self.closed:
            return no(*self.closed[target.state])
        return no(401 if call.problem == "50027" else 400, int(call.problem)) if call.problem else None

    def throttled(self, wait_s: float) -> Answer:
        return slow_down(wait_s, {"X-RateLimit-Scope": "user"})

    def held(self, breach: Breach, wait_s: float) -> Answer:
        rule = breach.rule
        if rule is None:
            return self.throttled(wait_s)
        if rule.lane.startswith("discord all"):
            return slow_down(wait_s, {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"})
        if rule.lane.startswith("discord channel"):
            return slow_down(wait_s, {"X-RateLimit-Scope": "shared"})
        return slow_down(wait_s, {"X-RateLimit-Scope": "user", **self._bucket(rule)})

    def wait(self, early_s: float, *, last_s: float) -> float:
        return early_s if last_s else math.ceil(early_s * 1000) / 1000

    def _bucket(self, rule: Rule) -> dict[str, str]:
        left = self._practice.judge.left(rule, at=self._practice.now())
        return {
            "X-RateLimit-Limit": str(rule.count),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset-After": f"{rule.per_s:.3f}",
            "X-RateLimit-Bucket": "practice",
        }

    def _message(self, call: Call, told: Rule, number: str, **more: object) -> Answer:
        """The whole message, with the headers of the limit one is told of."""
        body = {"id": number, "type": 0, "content": call.text, **more}
        return Answer(f"200 {call.kind}", JSONResponse(body, headers=self._bucket(told)))

    def _deleted(self, place: str, number: str) -> Response:
        if (place, number) not in self._stands:
            return no(404, 10008).response
        self._stands.remove((place, number))
        self._practice.changed(self.platform, place.rpartition(" ")[2], number, What.TAKEN_BACK)
        return Response(status_code=204)

    def _edited(self, place: str, number: str, said: Mapping[str, object]) -> Response:
        if (place, number) not in self._stands:
            return no(404, 10008).response
        if problem := problem_of(said):
            return no(400, int(problem)).response
        self._practice.changed(
            self.platform, place.rpartition(" ")[2], number, What.EDITED, str(said.get("content") or "")
        )
        return JSONResponse({"id": number, "type": 0, "content": said.get("content")})


class Hook(_Wire):
    """The webhook's number is the chat; each has a channel of its own. A target's `secret` is its only good token."""

    closed: ClassVar[Mapping[State, tuple[int, int]]] = {
        State.UNKNOWN: (404, 10015),
        State.KICKED: (404, 10015),
        State.BLOCKED: (401, 50027),
        State.DELETED: (404, 10003),
        State.MIGRATED: (404, 10015),
    }

    async def post(self, request: Request) -> Response:
        hook, token = request.path_params["hook"], request.path_params["token"]
        said, picture = await sent(request)
        waits = request.query_params.get("wait") == "true"
        kind = f"{called(said, default=('users',))}{'' if waits else ', unanswered'}"
        problem = "50027" if self._forged(hook, token) else problem_of(said, picture)
        call = Call(hook, str(said.get("content") or ""), hint=token[-4:], kind=kind, problem=problem, picture=picture)
        return await self._practice.receive(self, call, request)

    async def delete(self, request: Request) -> Response:
        hook, token, number = (request.path_params[name] for name in ("hook", "token", "message"))
        closed = self.closed.get(self._practice.fixtures.find(self.platform, hook).state)
        if closed or self._forged(hook, token):
            return no(*(closed or (401, 50027))).response
        return self._deleted(hook, number)

    async def edit(self, request: Request) -> Response:
        hook, token, number = (request.path_params[name] for name in ("hook", "token", "message"))
        closed = self.closed.get(self._practice.fixtures.find(self.platform, hook).state)
        if closed or self._forged(hook, token):
            return no(*(closed or (401, 50027))).response
        return self._edited(hook, number, parsed(await request.body()))

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [
            _told_hook(call),
            Rule(f"discord channel {call.target}", 30, 60, "30 a minute in one channel"),
            Rule("discord all", 50, 1, "50 requests a second from one address"),
        ]

    def accepted(self, call: Call) -> Answer:
        number = str(next(self._numbers))
        self._stands.add((call.target, number))
        if call.kind.endswith(", unanswered"):
            return Answer(f"204 {call.kind}", Response(status_code=204))
        return self._message(call, _told_hook(call), number, webhook_id=call.target)

    def credential_refused(self) -> Answer:
        return no(401, 50027)

    def _forged(self, hook: str, token: str) -> bool:
        secret = self._practice.fixtures.find(self.platform, hook).secret
        return secret is not None and secret != token


class Bot(_Wire):
    """A nonce that is to be enforced makes a repeat answer with the first message; here it is never forgotten."""

    closed: ClassVar[Mapping[State, tuple[int, int]]] = {
        State.UNKNOWN: (404, 10003),
        State.KICKED: (403, 50001),
        State.BLOCKED: (403, 50013),
        State.DELETED: (404, 10003),
        State.MIGRATED: (404, 10003),
    }

    def __init__(self, practice: Practice) -> None:
        super().__init__(practice)
        self._nonces: dict[tuple[str, str, str], str] = {}

    async def post(self, request: Request) -> Response:
        token, (said, picture) = token_of(request), await sent(request)
        if not token:
            return self.credential_refused().response
        nonce = str(said.get("nonce") or "")
        problem = "50035" if len(nonce) > LONGEST_NONCE else problem_of(said, picture)
        call = Call(
            target=request.path_params["channel"],
            text=str(said.get("content") or ""),
            credential=token,
            hint=token[-4:],
            key=nonce if nonce and said.get("enforce_nonce") is True else None,
            kind=called(said, default=tuple(CALLS)),
            problem=problem,
            picture=picture,
        )
        return await self._practice.receive(self, call, request)

    async def delete(self, request: Request) -> Response:
        token, channel = token_of(request), request.path_params["channel"]
        if not token or self._dead(token):
            return self.credential_refused().response
        closed = self.closed.get(self._practice.fixtures.find(self.platform, channel).state)
        if closed:
            return no(*closed).response
        return self._deleted(f"{token} {channel}", request.path_params["message"])

    async def edit(self, request: Request) -> Response:
        token, channel = token_of(request), request.path_params["channel"]
        if not token or self._dead(token):
            return self.credential_refused().response
        closed = self.closed.get(self._practice.fixtures.find(self.platform, channel).state)
        if closed:
            return no(*closed).response
        return self._edited(f"{token} {channel}", request.path_params["message"], parsed(await request.body()))

    async def pin(self, request: Request) -> Response:
        token, channel, number = token_of(request), request.path_params["channel"], request.path_params["message"]
        if not token or self._dead(token):
            return self.credential_refused().response
        if (f"{token} {channel}", number) not in self._stands:
            return no(404, 10008).response
        self._practice.changed(self.platform, channel, number, What.PINNED)
        return Response(status_code=204)

    async def me(self, request: Request) -> Response:
        token = token_of(request)
        if not token or self._dead(token):
            return self.credential_refused().response
        return JSONResponse({"id": str(_FIRST_ID), "username": "practice", "bot": True})

    def rules(self, call: Call, _target: Target) -> Sequence[Rule]:
        return [
            _told_bot(call),
            Rule(f"discord all {call.credential}", 50, 1, "50 requests a second by one bot"),
        ]

    def accepted(self, call: Call) -> Answer:
        name = (call.credential, call.target, call.key or "")
        number = self._nonces.get(name) if call.key else None
        if number is None:
            number = str(next(self._numbers))
            self._stands.add((f"{call.credential} {call.target}", number))
        if call.key:
            self._nonces[name] = number
        return self._message(call, _told_bot(call), number, channel_id=call.target, nonce=call.key)

    def credential_refused(self) -> Answer:
        return no(401, 0)

    def _dead(self, token: str) -> bool:
        return (self.platform, token) in self._practice.fixtures.dead


def _told_hook(call: Call) -> Rule:
    return Rule(f"discord hook {call.target}", 5, 2, "5 in 2 s by one webhook")


def _told_bot(call: Call) -> Rule:
    return Rule(f"discord messages {call.credential} {call.target}", 5, 5, "5 in 5 s in one channel")
