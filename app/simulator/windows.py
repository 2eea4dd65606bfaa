"""The simulator's own judgement of limits: sliding windows of arrival times, leaky buckets, and penalties.

It knows nothing of the pacer it judges, and must not.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """At most `count` accepted calls on `lane` in any `per_s` seconds. `says` completes "more than …"."""

    lane: str
    count: int
    per_s: float
    says: str


@dataclass(frozen=True)
class Bucket:
    """A leaky bucket: each accepted call on `lane` pours one in, `per_s` run out every second, `holds` fit at most.
    `says` completes "more than …"."""

    lane: str
    holds: int
    per_s: float
    says: str


@dataclass(frozen=True)
class Breach:
    """A call that came too early: by how many seconds, why in words, and by which rule, if it was one."""

    early_s: float
    why: str
    in_penalty: bool = False
    rule: Rule | None = None


@dataclass
class _Penalty:
    until: float
    wait_s: float
    rule: Rule | None


class Judge:
    """Every lane's recent arrivals and open penalties. Times are seconds of one clock, handed in."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int, float], deque[float]] = {}
        self._levels: dict[Bucket, tuple[float, float]] = {}
        self._penalties: dict[str, _Penalty] = {}

    def breach(self, chat: str, rules: Sequence[Rule | Bucket], *, at: float) -> Breach | None:
        """What a call at this moment breaks, or None. Counts nothing: `accept` does."""
        penalty = self._penalties.get(chat)
        if penalty is not None and at < penalty.until:
            early_s = penalty.until - at
            return Breach(early_s, f"{early_s:.2f} s before its penalty ended", in_penalty=True, rule=penalty.rule)
        for rule in rules:
            early = self._full(rule, at) if isinstance(rule, Bucket) else self._early(rule, at)
            if early > 0:
                return Breach(early, f"more than {rule.says}", rule=rule if isinstance(rule, Rule) else None)
        return None

    def accept(self, rules: Sequence[Rule | Bucket], *, at: float) -> None:
        """Count an accepted call on every lane it used."""
        for rule in rules:
            if isinstance(rule, Bucket):
                self._levels[rule] = (self._level(rule, at) + 1, at)
                continue
            seen = self._window(rule)
            seen.append(max(at, seen[-1]) if seen else at)

    def left(self, rule: Rule, *, at: float) -> int:
        """How many more calls fit now."""
        return rule.count - sum(at - rule.per_s < arrival for arrival in self._window(rule))

    def punish(self, chat: str, *, at: float, wait_s: float, rule: Rule | None = None) -> None:
        """Nothing may come to this chat for `wait_s` seconds from `at`, because of `rule`."""
        self._penalties[chat] = _Penalty(at + wait_s, wait_s, rule)

    def punished(self, chat: str, *, at: float) -> bool:
        """Whether a penalty is open."""
        penalty = self._penalties.get(chat)
        return penalty is not None and at < penalty.until

    def punishment(self, chat: str) -> float:
        """How long the last penalty of this chat was, in seconds; 0 for none."""
        penalty = self._penalties.get(chat)
        return penalty.wait_s if penalty else 0.0

    def _window(self, rule: Rule) -> deque[float]:
        key = (rule.lane, rule.count, rule.per_s)
        return self._seen.setdefault(key, deque(maxlen=rule.count))

    def _early(self, rule: Rule, at: float) -> float:
        """Seconds until one more fits. The window keeps the last `count` arrivals: the oldest must have left it."""
        seen = self._window(rule)
        return max(0.0, seen[0] + rule.per_s - at) if len(seen) == rule.count else 0.0

    def _level(self, bucket: Bucket, at: float) -> float:
        level, since = self._levels.get(bucket, (0.0, at))
        return max(0.0, level - max(0.0, at - since) * bucket.per_s)

    def _full(self, bucket: Bucket, at: float) -> float:
        """Seconds until one more fits, to the microsecond. A refused call pours nothing in."""
        return max(0.0, round((self._level(bucket, at) + 1 - bucket.holds) / bucket.per_s, 6))
