"""A drain in virtual time: the real pacer, recalled and heeded as the drain does it, between a ledger that is written
late, a platform that answers late or asks to wait, a clock that is never quite right, and processes that die or give
their account away."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from app.channels.port import Outcome, Verdict
from app.core.limits import Scope
from app.domain.deliveries.rules import LEASE
from app.domain.pacing.rules import Pacer, Waiting, gap
from app.flows.outcomes import Heard
from app.flows.picked import Picked
from app.flows.predecessors import conclude, recall
from app.flows.speak import HAIR_S
from tests.rules.judge import Said
from tests.rules.pacing_case import SEED, START, Case, Post, Row, Throttle


@dataclass
class Process:
    """One worker that paces the account."""

    pacer: Pacer
    alive: bool = True
    leaving: int = 0


@dataclass
class Rig:
    """`run` says everything; `posts`, `throttles` and `idle` tell what happened."""

    case: Case
    posts: list[Post] = field(default_factory=list)
    throttles: list[Throttle] = field(default_factory=list)
    on_idle: Callable[["Rig", float], None] | None = None

    def __post_init__(self) -> None:
        case = self.case
        self.now = self._tick = 0.0
        self._dice = Random(case.seed)
        self._steps, self._unread = 0.0, True
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._said: list[Row] = []
        self._sending: dict[str, Row] = {}
        self._gates: dict[str, float] = {}
        self._fences: Counter[str] = Counter()
        self.due: dict[str, Waiting] = {}
        for number in range(case.posts):
            pause = gap(SEED, f"d{number}", least=case.least_gap_s, most=case.most_gap_s)
            chat, campaign = self._dice.randrange(case.chats), self._dice.randrange(case.campaigns)
            self.due[f"d{number}"] = Waiting(f"d{number}", f"k{campaign}", f"c{chat}", campaign % 3, START - 60, pause)
        self.chats = [one.chat for one in self.due.values()]
        self._process = Process(Pacer(case.limits))
        self._wrong_s = 0.009 * min((limit.per_s for limit in case.limits), default=1.0) if case.clock_steps else 0.0
        self._left = case.takeovers

    @property
    def said(self) -> list[Said]:
        """What the platform may have seen."""
        return [Said(post.one.chat, post.began, post.ended) for post in self.posts if post.began < math.inf]

    @property
    def makespan(self) -> float:
        return max(post.began for post in self.posts)

    def _clock(self, true: float | None = None) -> datetime:
        """What the clock shows: near the truth, and now and then set back a little."""
        wrong = self._dice.uniform(-self._wrong_s, self._wrong_s)
        return datetime.fromtimestamp(START + (self.now if true is None else true) - self._steps + wrong, UTC)

    def _at(self, when: float, what: Callable[[], None]) -> None:
        heappush(self._events, (when, next(self._numbers), what))

    def run(self) -> "Rig":
        self._look()
        while self.due or self._sending or self._process.leaving:
            again = self._pick()
            at, _, what = self._events[0] if self._events else (math.inf, 0, self._look)
            if min(at, again) == math.inf:
                raise AssertionError(f"stuck at {self.now:.3f} s with {len(self.due)} due")
            if self.on_idle and min(at, again) > self.now:
                self.on_idle(self, min(at, again))
            self.now = max(self.now, min(at, again))
            if at <= again:
                heappop(self._events)
                what()
            self._chance()
            self._look()
        return self

    def _chance(self) -> None:
        case, dice = self.case, self._dice
        if case.clock_steps and dice.random() < 0.05:
            self._steps += dice.uniform(0, 0.2)
        if self._left and not self._process.leaving and dice.random() < 0.08:
            self._left -= 1
            self._take_over(killed=dice.random() < 0.5)

    def _look(self) -> None:
        """As Lookout.look: read the lanes, drop what stands behind a gate, hear predecessors out."""
        pacer, now = self._process.pacer, self._clock()
        conclude(pacer, self._sending.values(), now)
        for campaign in pacer.campaigns():
            if self._dice.random() < self.case.forgetful:
                pacer.forget(campaign)
                self._unread = True
        if self._unread and self._gates.get("account", 0.0) <= now.timestamp():
            self._unread = False
            waiting = sorted(self.due.values(), key=lambda one: (one.due_at, int(one.id[1:])))
            pacer.offer(one for one in waiting if one.due_at <= now.timestamp() and not self._shut(one.chat, now))
        later = [until for until in self._gates.values() if until > now.timestamp()]
        if self.due and later:
            self._look_again(min(later) - START + self._steps + self._wrong_s + 0.001)

    def _look_again(self, at: float) -> None:
        if self._tick <= self.now or at < self._tick:
            self._tick = at
            self._at(at, self._read_again)

    def _read_again(self) -> None:
        self._unread = True

    def _shut(self, chat: str, now: datetime) -> bool:
        return max(self._gates.get(chat, 0.0), self._gates.get("account", 0.0)) > now.timestamp()

    def _take_over(self, *, killed: bool) -> None:
        """Somebody else paces the account from now on. Whoever gave it away still hears its answers; the dead do
        not."""
        self._process.alive = not killed
        pacer, now = Pacer(self.case.limits), self._clock()
        recall(pacer, sorted(self._said, key=lambda row: row.ended_at), list(self._sending.values()), now)
        self._process, self._unread = Process(pacer), True

    def _pick(self) -> float:
        """As Drain.turn: ask, claim, say. Answers when to ask again, in true time."""
        while True:
            found, slot = self._process.pacer.ask(self._clock().timestamp(), self.case.ahead_s)
            if not isinstance(found, Waiting):
                asleep = found.until - self.case.ahead_s - START + self._steps
                return max(asleep, self.now) + self._wrong_s + 1e-5
            claimed = found.id in self.due and not self._shut(found.chat, self._clock())
            if not claimed or self._dice.random() < self.case.lost_claims:
                self._process.pacer.undo(found)
                self._look_again(self.now + 0.5)
                continue
            self._claim(found, slot)

    def _claim(self, one: Waiting, slot: float) -> None:
        del self.due[one.id]
        self._fences[one.id] += 1
        now, case, process = self._clock(), self.case, self._process
        gaps = (case.least_gap_s, case.most_gap_s)
        row = Row(one.id, self._fences[one.id], one.chat, now, now, now + LEASE, SEED, *gaps)
        self._sending[one.id] = row
        post = Post(one, self.now)
        self.posts.append(post)
        process.leaving += 1
        ready = self.now + self._dice.uniform(0, case.busy_s)
        self._at(ready, lambda: self._await(process, post, row, slot))

    def _await(self, process: Process, post: Post, row: Row, slot: float) -> None:
        """As the speaker: claimed ahead of its slot, it sleeps until then."""
        early = slot - self._clock().timestamp()
        self._at(self.now + (early + HAIR_S if early > 0 else 0.0), lambda: self._leave(process, post, row))

    def _leave(self, process: Process, post: Post, row: Row) -> None:
        process.leaving -= 1
        row = row._replace(started_at=self._clock())
        picked = Picked("acc", process.pacer, post.one)
        picked.leaves(row.started_at)
        slow = self._dice.random() < self.case.slow
        post.began, post.ended = self.now, self.now + (14.9 if slow else self._dice.uniform(*self.case.answers_s))
        self._at(post.ended, lambda: self._hear(process, picked, row))

    def _hear(self, process: Process, picked: Picked, row: Row) -> None:
        if not process.alive:
            over = row.lease_until.timestamp() - START + self._steps + 1.0
            self._at(max(over, self.now), lambda: self._record(row._replace(ended_at=self._clock()), None, picked))
            return
        outcome, row = self._answer(row.chat), row._replace(ended_at=self._clock())
        picked.heed(Heard(_UNREAD, outcome, row.started_at, row.ended_at, None))
        self._at(self.now + self._dice.uniform(0, self.case.busy_s), lambda: self._record(row, outcome, picked))

    def _answer(self, chat: str) -> Outcome:
        if self._dice.random() >= self.case.throttled:
            return Outcome(Verdict.SENT)
        scope, wait_s = self._dice.choice([Scope.CHAT, Scope.ACCOUNT]), round(self._dice.uniform(1, 40), 1)
        shut = chat if scope is Scope.CHAT else None
        self.throttles.append(Throttle(shut, self.now, self.now + wait_s))
        return Outcome(Verdict.THROTTLED, wait_s=wait_s, scope=scope)

    def _record(self, row: Row, outcome: Outcome | None, picked: Picked) -> None:
        """As `write_down`: the attempt, the gate, and the delivery back to wait where it was asked to."""
        del self._sending[row.delivery_id]
        self._said.append(row)
        if outcome is not None and outcome.verdict is Verdict.THROTTLED:
            until = self._clock().timestamp() + (outcome.wait_s or 60.0)
            gate = row.chat if outcome.scope is Scope.CHAT else "account"
            self._gates[gate] = max(until, self._gates.get(gate, 0.0))
            self.due[row.delivery_id] = picked.waiting._replace(due_at=until)


_UNREAD: Any = None
"""`heed` looks at the answer and the times alone."""
