"""A fleet in virtual time: worker processes that share thousands of accounts. The lookout and the pacers are the real
ones; the clock, the platforms and the ledger are arithmetic, with costs as measured by the scene `posting`."""

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from random import Random
from typing import Any

from app.channels.port import Outcome, Verdict
from app.channels.registry import channels
from app.core.limits import Limit
from app.domain.pacing.rules import Pacer, Waiting, gap
from app.flows.drain import BATCH, GATHER_S
from app.flows.lookout import Lookout
from app.flows.outcomes import Heard
from app.flows.picked import Picked
from bench.cast import CONCURRENCY
from tests.rules.judge import Said

KINDS = {"telegram": 8, "wecom": 5, "discord_bot": 2, "slack_app": 2, "zulip": 1, "mattermost_app": 1, "webhook": 1}
"""Channels, and how many of twenty accounts each has."""
CHATS = (25, 1_000)
GAPS_S = (0.3, 1.2)
ANSWERS_S = (0.02, 0.2)
POST_S = 0.0006
"""A worker's own time for one delivery: two cores, PostgreSQL, some 1,700 deliveries a second in one process."""
AGAIN = 0.2
"""So many of the chats get a correction as well: a second post."""
START = 1_800_000_000.0


@dataclass
class Account:
    """One account and its chats. `posts` is filled as they are said."""

    name: str
    limits: Sequence[Limit]
    chats: int
    posts: list[Said] = field(default_factory=list)

    def waiting(self, dice: Random) -> Iterator[Waiting]:
        for number in range(self.chats):
            yield self._one("announcement", number)
        for number in range(self.chats):
            if dice.random() < AGAIN:
                yield self._one("correction", number)

    def _one(self, campaign: str, number: int) -> Waiting:
        name = f"{campaign}-{self.name}-{number}"
        return Waiting(
            name, campaign, f"{self.name}-{number}", 1, START, gap("sd", name, least=GAPS_S[0], most=GAPS_S[1])
        )


def accounts(groups: int, dice: Random) -> Iterator[Account]:
    """As many as it takes for so many groups, from small to large: half of the groups are in large ones."""
    known = channels()
    kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
    number = 0
    while groups > 0:
        chats = min(groups, round(math.exp(dice.uniform(*(math.log(most) for most in CHATS)))))
        yield Account(f"acc_{number}", known[kinds[number % len(kinds)]].limits, chats)
        groups, number = groups - chats, number + 1


class Worker:
    """One process with its accounts. `run` says everything; `cpu_s` is what the real code took for it."""

    def __init__(self, mine: Sequence[Account], dice: Random) -> None:
        self._dice = dice
        self._lookout = Lookout(_NO_KIT)
        self.accounts = {account.name: account for account in mine}
        self.due: dict[str, list[Waiting]] = {account.name: list(account.waiting(dice)) for account in mine}
        self.said = self.turns = 0
        self.cpu_s = self.now = 0.0
        self._under_way: list[tuple[float, int, Picked, float]] = []

    def run(self) -> None:
        began = time.process_time()
        for name, rows in self.due.items():
            pacer = self._lookout.pacers[name] = Pacer(self.accounts[name].limits)
            pacer.offer(rows)
        left = sum(map(len, self.due.values()))
        while left or self._under_way:
            self._hear()
            self.turns += 1
            free = CONCURRENCY - len(self._under_way)
            picked, again = self._lookout.pick(START + self.now, most=min(BATCH, CONCURRENCY // 2, free), free=free)
            left -= len(picked)
            busy_until = self._say(picked)
            answer = self._under_way[0][0] if self._under_way else math.inf
            if math.inf == min(answer, again) and left:
                raise AssertionError(f"stuck at {self.now:.1f} s with {left} due")
            self.now = max(self.now + GATHER_S, busy_until, min(answer, again - START) if not picked else 0.0)
        self.cpu_s = time.process_time() - began

    def _say(self, picked: Sequence[Picked]) -> float:
        """One after the other, each for its time; answers when the last has left."""
        at = self.now
        for one in picked:
            at += POST_S
            one.leaves(_moment(at))
            heappush(self._under_way, (at + self._dice.uniform(*ANSWERS_S), self.said, one, at))
            self.said += 1
        return at

    def _hear(self) -> None:
        while self._under_way and self._under_way[0][0] <= self.now:
            ended, _, one, began = heappop(self._under_way)
            one.heed(Heard(_UNREAD, Outcome(Verdict.SENT), _moment(began), _moment(ended), None))
            self.accounts[one.account_id].posts.append(Said(one.waiting.chat, began, ended))

    @property
    def makespan(self) -> float:
        return max(post.began for account in self.accounts.values() for post in account.posts)

    def ideal(self) -> float:
        """No worker ends sooner: its own time for each, its places, and each account's limits and pauses."""
        places = self.said * sum(ANSWERS_S) / 2 / CONCURRENCY
        slowest = max(_soonest(account, self.due[name]) for name, account in self.accounts.items())
        return max(self.said * POST_S, places, slowest)


def _soonest(account: Account, rows: Sequence[Waiting]) -> float:
    """The least time in which the last of these can begin, from the definitions alone: `count` in any window."""
    pauses = sorted(one.gap_s for one in rows)[:-1]
    bounds = [sum(pauses)]
    longest = max(Counter(one.chat for one in rows).values())
    for limit in account.limits:
        posts = longest if limit.scope.value == "chat" else len(rows)
        bounds.append((posts - 1) // limit.count * limit.per_s)
    return max(bounds)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(START + at, UTC)


_NO_KIT: Any = None
"""`pick` asks the pacers alone."""
_UNREAD: Any = None
"""`heed` looks at the answer and the times alone."""
