"""Whose posts leave: accounts share a worker's room, and one whose platform hangs leaves the others theirs."""

from collections import Counter
from dataclasses import replace
from typing import Any

from app.core.db import Database
from app.core.http import DEADLINE_S
from app.domain.deliveries import store
from app.domain.pacing.rules import Pacer, Waiting
from app.flows.lookout import Lookout
from app.flows.picked import Picked
from app.flows.speak import QUICK
from tests.builders.deliveries import delivery, stage
from tests.builders.directory import kit_on

ROOM = 32
_NO_KIT: Any = None


def _account(lookout: Lookout, name: str, posts: int) -> None:
    pacer = Pacer([])
    pacer.offer(Waiting(f"{name}{number}", "k", f"{name}{number}", 1, 0.0, 0.0) for number in range(posts))
    lookout.pacers[name] = pacer


def _ends(answers_s: dict[str, float], *, posts: int, until: float = 900.0) -> dict[str, float]:
    """Drain so many posts of each account, which is answered after so many seconds, through one worker's room;
    answers when each had its last."""
    lookout = Lookout(_NO_KIT)
    for name in answers_s:
        _account(lookout, name, posts)
    speaking: list[tuple[float, Picked]] = []
    ends: dict[str, float] = {}
    quick: Counter[str] = Counter()
    now = 0.0
    while now < until and len(ends) < len(answers_s):
        picked, _ = lookout.pick(now, most=ROOM // 2, free=ROOM - len(speaking), quick=quick)
        quick.clear()
        speaking += [(now + answers_s[one.account_id], one) for one in picked]
        if picked:
            continue
        now = min(at for at, _ in speaking)
        for one in [one for at, one in speaking if at <= now]:
            one.pacer.end(one.waiting, now)
            quick[one.account_id] += answers_s[one.account_id] < QUICK.total_seconds()
            if not one.pacer.under_way and not one.pacer.campaigns():
                ends[one.account_id] = now
        speaking = [(at, one) for at, one in speaking if at > now]
    return ends


def test_one_dead_platform_slows_another_account_by_half_at_most() -> None:
    alone = _ends({"alive": 0.1}, posts=400)["alive"]
    beside = _ends({"alive": 0.1, "dead": DEADLINE_S}, posts=400)
    assert beside["alive"] <= 2.2 * alone
    assert beside["dead"] > 50 * beside["alive"]


def test_of_several_dead_platforms_each_leaves_room() -> None:
    alone = _ends({"alive": 0.1}, posts=400)["alive"]
    dead = {f"dead{number}": DEADLINE_S for number in range(3)}
    assert _ends({**dead, "alive": 0.1}, posts=400)["alive"] <= 6 * alone


def test_whoever_comes_later_finds_room() -> None:
    lookout = Lookout(_NO_KIT)
    _account(lookout, "dead", 400)
    first = lookout.pick(0.0, most=ROOM, free=ROOM)[0]
    _account(lookout, "late", 400)
    second = lookout.pick(0.0, most=ROOM, free=ROOM - len(first))[0]
    assert (len(first), {one.account_id for one in second}, len(second)) == (ROOM // 2, {"late"}, ROOM // 4)


def test_a_platform_that_goes_dark_after_it_answered_at_once_leaves_room() -> None:
    lookout = Lookout(_NO_KIT)
    _account(lookout, "swift", 4_000)
    speaking: list[Picked] = []
    answered: list[Picked] = []
    for turn in range(100):
        free, quick = ROOM - len(speaking), {"swift": len(answered)}
        speaking += lookout.pick(turn / 100, most=ROOM, free=free, quick=quick)[0]
        assert len(speaking) <= ROOM * 3 // 4
        answered, speaking = speaking[::2], speaking[1::2]
        for one in answered:
            one.pacer.end(one.waiting, turn / 100)
    speaking += lookout.pick(2.0, most=ROOM, free=ROOM - len(speaking), quick={"swift": len(answered)})[0]
    _account(lookout, "late", 400)
    late = lookout.pick(2.0, most=ROOM, free=ROOM - len(speaking))[0]
    assert (len(speaking), {one.account_id for one in late}) == (ROOM * 3 // 4, {"late"})


def test_what_is_answered_at_once_holds_no_place_back() -> None:
    lookout = Lookout(_NO_KIT)
    _account(lookout, "swift", 400)
    first = lookout.pick(0.0, most=ROOM, free=ROOM)[0]
    for one in first[:12]:
        one.pacer.end(one.waiting, 0.1)
    left = ROOM - len(first) + 12
    second = lookout.pick(0.1, most=ROOM, free=left, quick={"swift": 12})[0]
    assert (len(first), len(second)) == (ROOM // 2, ROOM * 3 // 4 - 4)
    assert lookout.pick(0.1, most=ROOM, free=left - len(second))[0] == []


def test_with_room_for_one_it_is_given() -> None:
    lookout = Lookout(_NO_KIT)
    _account(lookout, "only", 3)
    assert len(lookout.pick(0.0, most=1, free=1)[0]) == 1
    assert lookout.pick(0.0, most=0, free=0)[0] == []


async def test_a_channel_this_worker_does_not_know_holds_up_nobody(db: Database) -> None:
    """An extra may be installed on one machine and not on another; the post itself then says what is missing."""
    async with db.write() as tx:
        await stage(tx)
        await store.create(tx, [delivery(0, tx.now)])
    lookout = Lookout(replace(kit_on(db), channels={}))
    await lookout.look([0])
    [picked], _ = lookout.pick(db.clock.now().timestamp(), most=1, free=1)
    assert picked.waiting.id == "dlv_00000"
