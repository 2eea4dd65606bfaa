"""Whom a worker does not ask could not have spoken: a lookout picks what one would that asks every pacer each time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.limits import Limit, Period, Quota, Rush, Scope
from app.domain.pacing.rules import NEVER, Common, Pacer, Ration, Roster, Waiting, fair_room
from app.domain.pacing.rules.shared import AWAKE
from app.flows.lookout import Lookout
from tests.rules.test_pacing_proof import STACKS

START = 1_800_000_000.0
CHATS = ("c0", "c1", "c2")
CAMPAIGNS = {"incident": 0, "notice": 1, "bulk": 2}
_NO_KIT: Any = None

LIMITS = st.lists(
    st.builds(
        Limit,
        scope=st.sampled_from(list(Scope)),
        count=st.integers(1, 4),
        per_s=st.sampled_from([0.5, 3.0, 20.0, 90.0]),
    ),
    max_size=2,
)


class Sender(NamedTuple):
    """Accounts that share limits: what they share, each one's own, and whether their platform has a rush."""

    shared: list[Limit]
    own: list[list[Limit]]
    rush: bool

    def pacers(self, number: int) -> dict[str, Pacer]:
        common = Common(self.shared)
        rush = Rush(60, 20) if self.rush else None
        return {f"s{number}a{n}": Pacer(own, common=common, rush=rush) for n, own in enumerate(self.own)}


class Step(NamedTuple):
    """Something happens: to which account, post or chat, and how much of it; then so many are asked for."""

    what: str
    which: int
    chat: str
    campaign: str
    amount: int
    most: int
    free: int
    ahead: float


SENDERS = st.lists(
    st.builds(Sender, LIMITS, st.lists(LIMITS, min_size=1, max_size=3), st.booleans()), min_size=1, max_size=3
)
OFTEN = {"time": 8, "leaves": 8, "end": 6, "offer": 2}
WHAT = [*OFTEN, "undo", "shut", "rest", "ration", "forget", "renew", "conclude", "back"]
STEPS = 200


def _step(dice: Random) -> Step:
    return Step(
        what=dice.choices(WHAT, [OFTEN.get(what, 1) for what in WHAT])[0],
        which=dice.randrange(12),
        chat=dice.choice(CHATS),
        campaign=dice.choice(list(CAMPAIGNS)),
        amount=dice.randrange(7),
        most=dice.choice((0, 1, 4, 20)),
        free=dice.choice((0, 1, 9, 40)),
        ahead=dice.choice((0.0, 0.02, 0.1)),
    )


class Begun(NamedTuple):
    """A pick, in comparable words, with the very pacer that let it."""

    account: str
    waiting: Waiting
    slot: float
    pacer: Pacer


Pick = Callable[[Step, float], list[Begun]]


@dataclass
class Worker:
    """One of two workers that live through the same."""

    pacers: Roster | dict[str, Pacer]
    pick: Pick
    begun: list[Begun] = field(default_factory=list)
    left: list[Begun] = field(default_factory=list)

    def renew(self, sender: Sender, number: int, posts: Sequence[Waiting] = (), *, inheriting: bool) -> None:
        """New terms: its pacers are replaced, and theirs hear out what the old ones began."""
        fresh = sender.pacers(number)
        for name, pacer in fresh.items():
            self.pacers.pop(name, None)
            pacer.offer(posts)
            for one in self.left if inheriting else ():
                if one.account == name:
                    pacer.inherit(one.waiting.id, 1, one.waiting.chat)
        self.pacers.update(fresh)

    def goes_through(self, step: Step, now: float, posts: Sequence[Waiting]) -> None:
        name = list(self.pacers)[step.which % len(self.pacers)]
        pacer = self.pacers[name]
        if step.what == "offer":
            pacer.offer(posts)
        elif step.what == "shut":
            pacer.shut(step.chat, now + step.amount)
        elif step.what == "rest":
            pacer.rest(now + step.amount)
        elif step.what == "forget":
            pacer.forget(step.campaign)
        elif step.what == "conclude":
            for delivery, fence in sorted(pacer.inherited):
                pacer.conclude(delivery, fence, now)
        elif step.what == "ration":
            scope = [Scope.ACCOUNT, Scope.CHAT][step.which % 2]
            pacer.ration([Ration(Quota(scope, step.amount, Period.DAY), max(0, step.amount - 3), now + 5.0)])
        elif step.what == "end" and self.left:
            one = self.left.pop(step.which % len(self.left))
            one.pacer.end(one.waiting, now)
        elif step.what in ("leaves", "undo"):
            self._begins(step, now)

    def _begins(self, step: Step, now: float) -> None:
        for _ in range(min(1 + step.amount, len(self.begun))):
            one = self.begun.pop(step.which % len(self.begun))
            if step.what == "undo":
                one.pacer.undo(one.waiting)
            else:
                one.pacer.leaves(one.waiting, now)
                self.left.append(one)


def _unasked() -> Worker:
    """The real lookout."""
    lookout = Lookout(_NO_KIT)

    def pick(step: Step, now: float) -> list[Begun]:
        picked, again = lookout.pick(now, most=step.most, free=step.free, ahead=step.ahead)
        sleeps = [pacer.asleep.until for pacer in lookout.pacers.values()]
        assert again == min((until for until in sleeps if until > now + step.ahead), default=NEVER)
        return [Begun(one.account_id, one.waiting, one.slot, one.pacer) for one in picked]

    return Worker(lookout.pacers, pick)


def _asked() -> Worker:
    """One that wakes every pacer and asks it each time."""
    pacers: dict[str, Pacer] = {}
    return Worker(pacers, lambda step, now: _ask_all(pacers, step, now))


def _ask_all(pacers: Mapping[str, Pacer], step: Step, now: float) -> list[Begun]:
    for pacer in pacers.values():
        pacer.sleep.wait = AWAKE
    begun: list[Begun] = []
    turn = sorted(pacers.items(), key=lambda item: item[1].urgency())
    while turn and len(begun) < min(step.most, step.free):
        ready = []
        for name, pacer in turn:
            room = fair_room(step.free - len(begun), pacer.under_way)
            if len(begun) < min(step.most, step.free) and pacer.under_way < room:
                found, slot = pacer.ask(now, step.ahead)
                if isinstance(found, Waiting):
                    begun.append(Begun(name, found, slot, pacer))
                    ready.append((name, pacer))
        turn = ready
    return begun


def _posts(step: Step, now: float, numbers: Iterator[int]) -> list[Waiting]:
    """No two are due at the same moment: between such, the order in which chats were asked would decide."""
    found = []
    for number in (next(numbers) for _ in range(3 * step.amount)):
        due_at = now + number * 1e-5 + 0.5 * (step.which % 3 - 1)
        chat, rank, gap_s = CHATS[number % 3], CAMPAIGNS[step.campaign], (0.0, 0.0, 0.03, 0.4)[step.which % 4]
        found.append(Waiting(f"d{number}", step.campaign, chat, rank, due_at, gap_s))
    return found


@settings(max_examples=STACKS)
@given(SENDERS, st.integers(0, 2**32))
def test_whoever_is_not_asked_had_nothing_to_say(senders: list[Sender], seed: int) -> None:
    workers, now, numbers, dice = (_unasked(), _asked()), START, count(), Random(seed)
    for worker in workers:
        for number, sender in enumerate(senders):
            worker.renew(sender, number, inheriting=False)
    for step in (_step(dice) for _ in range(STEPS)):
        now += {"time": 0.013 * 4**step.amount, "back": -0.01 * step.amount}.get(step.what, 0.0)
        posts = _posts(step, now, numbers) if step.what in ("offer", "renew") else []
        for worker in workers:
            worker.goes_through(step, now, posts)
            if step.what == "renew":
                number = step.which % len(senders)
                worker.renew(senders[number], number, posts, inheriting=step.amount > 0)
        picked, wanted = (worker.pick(step, now) for worker in workers)
        assert [one[:3] for one in picked] == [one[:3] for one in wanted]
        for worker, begun in zip(workers, (picked, wanted), strict=True):
            worker.begun += begun


def test_a_long_rest_among_much_news_takes_no_room_and_ends_in_time() -> None:
    """Each look offers, and so wakes: thousands of alarms for one rest would stand until it is over."""
    roster = Roster()
    roster["acc"] = pacer = Pacer([])
    pacer.rest(START + 3600.0)
    for second in range(1_000):
        pacer.offer([Waiting(f"d{second}", "k", "c", 1, 0.0, 0.0)])
        for _, one in roster.awake(START + second):
            one.next(START + second)
        assert roster.next_after(START + second) == START + 3600.0
    assert len(roster._alarms) < 100
    assert roster.awake(START + 3599.0) == []
    assert roster.awake(START + 3600.0) == [("acc", pacer)]
