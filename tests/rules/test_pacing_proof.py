"""The pacer against a judge that shares nothing with it, over random stacks of limits and everything that goes wrong
around a drain. `PACING_STACKS` says how many stacks each property is shown."""

import os
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.limits import Limit, Scope
from app.domain.pacing.rules import Pacer, Wait, Waiting, gap
from tests.rules.judge import breaches, legal_at, soonest_ends, soonest_makespan
from tests.rules.pacing_case import SEED, Case
from tests.rules.pacing_rig import Rig

STACKS = int(os.environ.get("PACING_STACKS", "120"))
WASTE = 1 / 0.95

LIMITS = st.lists(
    st.builds(
        Limit,
        scope=st.sampled_from(list(Scope)),
        count=st.integers(1, 50),
        per_s=st.floats(0.5, 120.0).map(lambda per_s: round(per_s, 2)),
    ),
    min_size=1,
    max_size=4,
)
POSTS, CHATS = st.integers(1, 90), st.integers(1, 8)
SEEDS = st.integers(0, 2**32)
CALM = st.builds(
    Case,
    limits=LIMITS,
    posts=POSTS,
    chats=CHATS,
    seed=SEEDS,
    answers_s=st.sampled_from([(0.0, 0.0), (0.02, 0.02), (0.3, 0.3)]),
)
ROUGH = st.builds(
    Case,
    limits=LIMITS,
    posts=POSTS,
    chats=CHATS,
    seed=SEEDS,
    campaigns=st.integers(1, 4),
    least_gap_s=st.sampled_from([0.0, 0.0, 0.4, 2.0]),
    most_gap_s=st.sampled_from([0.0, 2.5, 8.0]),
    answers_s=st.sampled_from([(0.0, 0.02), (0.05, 0.9), (0.0, 6.0)]),
    slow=st.sampled_from([0.0, 0.05]),
    throttled=st.sampled_from([0.0, 0.0, 0.1]),
    lost_claims=st.sampled_from([0.0, 0.1]),
    forgetful=st.sampled_from([0.0, 0.2]),
    takeovers=st.integers(0, 6),
    clock_steps=st.booleans(),
    busy_s=st.sampled_from([0.0, 0.03, 1.0]),
    ahead_s=st.sampled_from([0.0, 0.03, 0.1]),
)
many = settings(max_examples=STACKS)


@many
@given(ROUGH)
def test_no_window_ever_holds_more_than_its_limit(case: Case) -> None:
    rig = Rig(case).run()
    assert breaches(case.limits, rig.said) == []
    assert {one.id for one in (post.one for post in rig.posts)} == {f"d{number}" for number in range(case.posts)}


@many
@given(ROUGH)
def test_a_pause_is_never_cut_short(case: Case) -> None:
    """Whatever was said before, by whomever: two readings of the clock may each be wrong by so much."""
    rig = Rig(case).run()
    wrong_s = 0.018 * min(limit.per_s for limit in case.limits) if case.clock_steps else 1e-6
    began = sorted((post for post in rig.posts if post.began < float("inf")), key=lambda post: post.began)
    for one, following in pairwise(began):
        assert following.began - one.began >= one.one.gap_s - wrong_s
        assert case.least_gap_s <= one.one.gap_s <= max(case.least_gap_s, case.most_gap_s)
        again = gap(SEED, one.one.id, least=case.least_gap_s, most=case.most_gap_s)
        assert one.one.gap_s == again


@many
@given(ROUGH)
def test_a_platforms_wait_is_kept_by_whom_it_was_meant_for(case: Case) -> None:
    rig = Rig(case).run()
    wrong_s = 0.018 * min(limit.per_s for limit in case.limits) if case.clock_steps else 1e-6
    for wait in rig.throttles:
        for post in rig.posts:
            if wait.chat in (None, post.one.chat) and post.picked > wait.heard + case.busy_s:
                assert post.began >= wait.until - wrong_s


@many
@given(CALM)
def test_nothing_legal_is_left_unused(case: Case) -> None:
    """Whenever it waits, every chat with something due is held by a limit, to within five percent of its window."""
    wider = [Limit(limit.scope, limit.count, limit.per_s * WASTE) for limit in case.limits]
    unused: list[tuple[float, str]] = []

    def judge(rig: Rig, until: float) -> None:
        said = rig.said
        chats = {one.chat for one in rig.due.values()}
        unused.extend((until, chat) for chat in chats if legal_at(wider, said, chat, until - 1e-4))

    Rig(case, on_idle=judge).run()
    assert unused == []


@many
@given(CALM)
def test_at_least_95_percent_of_what_is_legal_is_used(case: Case) -> None:
    """Where the account's limits bind, or the chats', nothing ends sooner. Where both do, whoever is not idle ends
    within the sum of the two (Graham 1969: at each moment before the last post, one of them held it): to hold the
    account's room back for the longest row would end some stacks sooner, and leave legal moments unused in all."""
    rig = Rig(case).run()
    account, longest = soonest_ends(case.limits, rig.chats, answer_s=case.answers_s[0])
    narrow = sum(limit.scope is Scope.CHAT for limit in case.limits)
    both = 0 < narrow < len(case.limits)
    assert rig.makespan <= (account + longest if both else max(account, longest)) * WASTE + 0.01


@pytest.mark.parametrize("answer_s", [0.0, 0.15, 0.8])
def test_many_chats_with_rows_of_any_length_are_said_as_soon_as_they_can_be(answer_s: float) -> None:
    """Telegram's published stack: whoever has the most left is not left over."""
    limits = [Limit(Scope.CHAT, 1, 1.0), Limit(Scope.CHAT, 20, 60.0), Limit(Scope.ACCOUNT, 30, 1.0)]
    rig = Rig(Case(limits, 3000, 300, 7, answers_s=(answer_s, answer_s))).run()
    assert breaches(limits, rig.said) == []
    assert rig.makespan <= soonest_makespan(limits, rig.chats, answer_s=answer_s) * 1.03


def test_jitter_costs_no_more_than_its_sum() -> None:
    rig = Rig(Case([Limit(Scope.CHAT, 20, 60.0)], 300, 40, 7, least_gap_s=2.0, most_gap_s=8.0, busy_s=0.02)).run()
    pauses = [post.one.gap_s for post in rig.posts]
    assert rig.makespan <= (sum(pauses) - max(pauses)) * 1.03
    assert max(pauses) - min(pauses) > 5.0


def test_a_dead_chat_slows_no_other() -> None:
    """Half of the chats answer nothing, or ask for a wait of ten minutes: the others leave as if these were not."""
    limits = [Limit(Scope.CHAT, 3, 10.0)]
    pacers = Pacer(limits), Pacer(limits)
    rows = [Waiting(f"d{number}", f"k{number % 2}", f"c{number % 40}", 1, 0.0, 0.0) for number in range(400)]
    healthy = [one for one in rows if one.chat not in DEAD]
    pacers[0].offer(rows)
    pacers[1].offer(healthy)
    beside, alone = ([(at, one.chat) for at, one in _left(pacer, 60.0) if one.chat not in DEAD] for pacer in pacers)
    assert sorted(beside) == sorted(alone)
    assert len(alone) == 200


DEAD = {f"c{number}" for number in range(20)}


def _left(pacer: Pacer, until: float) -> Iterator[tuple[float, Waiting]]:
    """What leaves, and when, if the dead chats answer nothing or ask for a wait of ten minutes."""
    now = 0.0
    while now < until:
        found = pacer.next(now)
        if isinstance(found, Wait):
            now = found.until
            continue
        yield now, found
        if found.chat not in DEAD:
            pacer.end(found, now)
        elif found.chat < "c15":
            pacer.end(found, now)
            pacer.shut(found.chat, now + 600.0)
