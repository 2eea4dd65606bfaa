"""The practice platform: takes a call of any protocol, judges it, writes it down, answers as that platform would."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response

from app.simulator import mishaps
from app.simulator.changes import Change, What
from app.simulator.faults import Faults, Kind, Script
from app.simulator.lines import arrived, cut
from app.simulator.receipts import Receipts
from app.simulator.targets import Fixtures, Target
from app.simulator.windows import Breach, Bucket, Judge, Rule

IN_FLIGHT_S = 0.25  # calls this soon after a credential's first refusal were already on their way


@dataclass(frozen=True)
class Call:
    """One message someone wants in a chat. `hint` is what of the credential may be shown, `problem` what is wrong
    with the call whatever the chat, `keyed_s` for how long the platform remembers `key` (None: for good); `picture` is
    the SHA-256 of one that comes with the text, or alone; `carried` is what goes with it for programs, unseen."""

    target: str
    text: str
    credential: str = ""
    hint: str = ""
    key: str | None = None
    keyed_s: float | None = None
    kind: str = "text"
    problem: str = ""
    picture: str = ""
    carried: object = None


@dataclass(frozen=True)
class Answer:
    """What the platform says: a short word for the log, and the words on the wire."""

    word: str
    response: Response


class Wire(Protocol):
    """One platform's protocol, as the practice platform needs it."""

    platform: str

    def rules(self, call: Call, target: Target, /) -> Sequence[Rule | Bucket]: ...

    def refusal(self, call: Call, target: Target, /) -> Answer | None:
        """Why this chat or this text is not taken, or None."""
        ...

    def accepted(self, call: Call, /) -> Answer: ...

    def throttled(self, wait_s: float, /) -> Answer: ...

    def credential_refused(self) -> Answer: ...

    def wait(self, early_s: float, *, last_s: float) -> float:
        """The penalty for a call that came `early_s` too early; `last_s` is the open penalty's length, else 0."""
        ...


@runtime_checkable
class NamesTheLimit(Protocol):
    """A wire whose "slow down" tells which limit was broken."""

    def held(self, breach: Breach, wait_s: float, /) -> Answer: ...


class Practice:
    """The state of the platform. Nothing here outlives the process."""

    def __init__(self, heard: Callable[[str, str, str], None]) -> None:
        """`heard(platform, target, text)` is told of every message that now stands in a chat."""
        self.receipts = Receipts()
        self.fixtures = Fixtures()
        self.faults = Faults()
        self.judge = Judge()
        self.ahead_s = 0.0
        self.changes: list[Change] = []
        self._heard = heard
        self._keys: dict[tuple[str, str, str], float] = {}

    def now(self) -> float:
        return time.monotonic() + self.ahead_s

    async def receive(self, wire: Wire, call: Call, request: Request) -> Response:
        """Judge one call and answer it, or meet it with the fault that was scripted."""
        at = arrived(request) + self.ahead_s
        fault = self.faults.draw(wire.platform, call.target)
        if fault is None:
            return self.take(wire, call, at).response
        before = self._instead(wire, call, at, fault)
        if before is not None:
            return await cut(request, hard=True) if fault.kind is Kind.RESET else before.response
        answer = self.take(wire, call, at).response
        return await mishaps.spoil(fault, answer, request) if self.receipts.latest(1)[0].stands else answer

    async def aside(self, wire: Wire, target: str, request: Request, act: Callable[[], Answer]) -> Response:
        """A call about a message that stands. It may meet a fault, as a post may; `act` tells what it `changed`."""
        fault = self.faults.draw(wire.platform, target)
        if fault is None:
            return act().response
        if fault.kind is Kind.RESET:
            return await cut(request, hard=True)
        if fault.kind is Kind.THROTTLE:
            return wire.throttled(fault.retry_after).response
        broken = None if fault.accepted else mishaps.broken(fault.kind)
        if broken is not None:
            return broken[1]
        before = len(self.changes)
        answer = act().response
        return await mishaps.spoil(fault, answer, request) if len(self.changes) > before else answer

    def changed(self, platform: str, target: str, message: str, what: What, text: str = "") -> None:
        self.changes.append(Change(round(self.now(), 6), platform, target, message, what, text))

    def _instead(self, wire: Wire, call: Call, at: float, fault: Script) -> Answer | None:
        """The answer of a fault that strikes before the message stands, or None."""
        if fault.kind is Kind.CREDENTIAL_REFUSED and call.credential:
            self.fixtures.dead.setdefault((wire.platform, call.credential), None)
            return None
        answer: Answer | None
        if fault.kind is Kind.CREDENTIAL_REFUSED:
            answer = wire.credential_refused()
        elif fault.kind is Kind.THROTTLE and fault.says is not None:
            answer = Answer("429", mishaps.slow_down(fault.says))
        elif fault.kind is Kind.THROTTLE:
            answer = wire.throttled(fault.retry_after)
            self.judge.punish(
                _sender(wire, call) if fault.whole else _chat(wire, call), at=at, wait_s=fault.retry_after
            )
        elif fault.kind is Kind.RESET:
            answer = Answer("reset", Response())
        else:
            said = None if fault.accepted else mishaps.broken(fault.kind)
            answer = Answer(*said) if said else None
        if answer is not None:
            self._note(wire, call, at, answer)
        return answer

    def take(self, wire: Wire, call: Call, at: float) -> Answer:
        """The platform's real judgement: credential, chat and text, what it has already seen, limits."""
        dead = self._dead(wire, call, at)
        if dead is not None:
            return dead
        target = self.fixtures.find(wire.platform, call.target)
        refusal = wire.refusal(call, target)
        if refusal is not None:
            return self._note(wire, call, at, refusal)
        if self._seen(wire, call, at):
            return self._note(wire, call, at, wire.accepted(call), duplicate=True)
        rules = wire.rules(call, target)
        held = self._held(wire, call, rules, at)
        if held is not None:
            return held
        self.judge.accept(rules, at=at)
        if call.key is not None:
            self._keys[wire.platform, call.target, call.key] = at
        answer = self._note(wire, call, at, wire.accepted(call), accepted=True)
        self._heard(wire.platform, call.target, call.text)
        return answer

    def _seen(self, wire: Wire, call: Call, at: float) -> bool:
        """Whether this chat already holds a message with this key, as far as the platform remembers."""
        since = self._keys.get((wire.platform, call.target, call.key or ""))
        return since is not None and (call.keyed_s is None or at - since <= call.keyed_s)

    def _dead(self, wire: Wire, call: Call, at: float) -> Answer | None:
        name = (wire.platform, call.credential)
        if name not in self.fixtures.dead:
            return None
        first = self.fixtures.dead[name]
        violation = None
        if first is None:
            self.fixtures.dead[name] = at
        elif at > first + IN_FLIGHT_S:
            violation = f"a credential that was refused {at - first:.2f} s ago"
        return self._note(wire, call, at, wire.credential_refused(), violation=violation)

    def _held(self, wire: Wire, call: Call, rules: Sequence[Rule | Bucket], at: float) -> Answer | None:
        """The answer to a call that breaks a limit; it opens or lengthens a penalty: the sender's, where the limit is
        on all it says, else the chat's."""
        chat, sender = _chat(wire, call), _sender(wire, call)
        breach = self.judge.breach(sender if self.judge.punished(sender, at=at) else chat, rules, at=at)
        if breach is None:
            return None
        whole = self.judge.punished(sender, at=at) or (breach.rule is not None and breach.rule.lane == sender)
        punished = sender if whole else chat
        last_s = self.judge.punishment(punished) if breach.in_penalty else 0.0
        wait_s = wire.wait(breach.early_s, last_s=last_s)
        self.judge.punish(punished, at=at, wait_s=wait_s, rule=breach.rule)
        answer = wire.held(breach, wait_s) if isinstance(wire, NamesTheLimit) else wire.throttled(wait_s)
        return self._note(wire, call, at, answer, violation=breach.why)

    def _note(
        self,
        wire: Wire,
        call: Call,
        at: float,
        answer: Answer,
        *,
        accepted: bool = False,
        duplicate: bool = False,
        violation: str | None = None,
    ) -> Answer:
        self.receipts.append(
            at=at,
            platform=wire.platform,
            credential=call.hint,
            target=call.target,
            key=call.key,
            text=call.text,
            picture=call.picture,
            answer=answer.word,
            accepted=accepted,
            duplicate=duplicate,
            violation=violation,
        )
        return answer


def _sender(wire: Wire, call: Call) -> str:
    """All it says, as the lane of a rule names it."""
    return f"{wire.platform} {call.credential}"


def _chat(wire: Wire, call: Call) -> str:
    return f"{wire.platform} {call.credential} {call.target}"
