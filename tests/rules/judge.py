"""A judge of limits, from their definition: no window of this length holds more than so many posts. It knows nothing
of the pacer, and shares nothing with it but the words `count` and `per_s`."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.limits import Limit, Scope


@dataclass(frozen=True)
class Said:
    """One post: the platform saw it at some moment between `began` and `ended`, and nobody knows at which."""

    chat: str
    began: float
    ended: float


def breaches(limits: Iterable[Limit], posts: Sequence[Said]) -> list[str]:
    """Every limit that is broken if the platform saw the posts at the worst of all moments they allow."""
    return [
        f"{chat or 'the account'}: {worst} posts may fall into one window of {limit}"
        for limit in limits
        for chat, those in _counted(limit, posts).items()
        if (worst := fullest(those, limit.per_s)) > limit.count
    ]


def _counted(limit: Limit, posts: Sequence[Said]) -> dict[str, list[Said]]:
    """The posts that share this limit, by what they share."""
    shared: defaultdict[str, list[Said]] = defaultdict(list)
    for one in posts:
        shared[one.chat if limit.scope is Scope.CHAT else ""].append(one)
    return shared


def fullest(posts: Sequence[Said], per_s: float) -> int:
    """The most posts that one window may have held. Those that can share a window with one seen as it began, and
    none later, are all that began no later than it and were over less than a window before it."""
    began, ended = sorted(one.began for one in posts), sorted(one.ended for one in posts)
    return max((bisect_right(began, at) - bisect_right(ended, at - per_s) for at in began), default=0)


def legal_at(limits: Iterable[Limit], posts: Sequence[Said], chat: str, at: float) -> bool:
    """Whether one more post to this chat could begin then and be seen at any moment after. Nothing began later."""
    for limit in limits:
        those = _counted(limit, posts).get(chat if limit.scope is Scope.CHAT else "", [])
        if sum(one.ended > at - limit.per_s for one in those) >= limit.count:
            return False
    return True


def soonest_end(counts: Sequence[Limit], posts: int, *, answer_s: float) -> float:
    """When the last of so many posts begins at the earliest, in one scope: each as early as those before it allow."""
    began: list[float] = []
    for place in range(posts):
        after = [began[place - limit.count] + answer_s + limit.per_s for limit in counts if place >= limit.count]
        began.append(max([0.0, *after, *began[-1:]]))
    return began[-1]


def soonest_ends(limits: Sequence[Limit], chats: Sequence[str], *, answer_s: float = 0.0) -> tuple[float, float]:
    """No pacer ends sooner than either: as soon as the account's limits allow, and its longest row."""
    narrow = [limit for limit in limits if limit.scope is Scope.CHAT]
    wide = [limit for limit in limits if limit.scope is not Scope.CHAT]
    longest = max(chats.count(chat) for chat in set(chats))
    return soonest_end(wide, len(chats), answer_s=answer_s), soonest_end(narrow, longest, answer_s=answer_s)


def soonest_makespan(limits: Sequence[Limit], chats: Sequence[str], *, answer_s: float = 0.0) -> float:
    return max(soonest_ends(limits, chats, answer_s=answer_s))
