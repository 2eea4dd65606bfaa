"""Which strikes excuse what, and which only happened to strike at about that time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.domain.shards.rules import shard_of
from tests.chaos.checker import check
from tests.chaos.facts import AttemptRow, Facts, Look, Strike
from tests.chaos.holders import worker_in
from tests.chaos.sound import at, heard, heard_too, in_ledger, sound
from tests.chaos.verdict import Fault

KILL, TERM, STOP = "worker_kill", "worker_term", "worker_stop"
SHARD = shard_of("acc")
WORDS = "Chaos c1: please read this, T."


def looked(holder: str, *moments: float) -> list[Look]:
    """What each of these looks shows: this worker holds the shard of everybody's account."""
    return [Look(each, {SHARD: holder}) for each in moments]


def silence(strike: Strike, looks: Sequence[Look] = ()) -> Facts:
    """Claimed at 103, under a lease until 128, and told at 129 to have been left unsaid."""
    left = in_ledger("attempts", lambda _: [AttemptRow("dlv-W", "sender_died", at(103), at(129))])(sound())
    return replace(left, strikes=[strike], looks=looks)


HELD = looked("wrk-1", 102.0, 103.0, 104.0, 105.0)
CAUSES: dict[str, tuple[Strike, Sequence[Look]]] = {
    "it was killed": (Strike(KILL, 104.0, 105.0, worker="wrk-1"), HELD),
    "it was killed, and nobody looked": (Strike(KILL, 104.0, 105.0), ()),
    "it was killed, and who held the shard was not seen": (
        Strike(KILL, 104.0, 105.0, worker="wrk-1"),
        looked("wrk-2", 100.0, 106.0),
    ),
    "it was killed while the shard changed hands": (
        Strike(KILL, 104.0, 105.0, worker="wrk-1"),
        [*looked("wrk-1", 102.0), *looked("wrk-2", 103.6)],
    ),
    "it was asked to end, and did not get to write": (Strike(TERM, 110.0, 140.0, worker="wrk-1"), HELD),
    "it stood still": (Strike(STOP, 104.0, 132.0, worker="wrk-1"), HELD),
    "another stood still, with a hand on the rows": (Strike(STOP, 104.0, 132.0, worker="wrk-2"), HELD),
    "the database was away": (Strike("postgres_crash", 117.0, 121.0), HELD),
}
NONE: dict[str, tuple[Strike, Sequence[Look]]] = {
    "it was killed before its claim": (Strike(KILL, 101.0, 102.0, worker="wrk-1"), HELD),
    "it was killed when its lease was over": (Strike(KILL, 128.5, 129.5, worker="wrk-1"), HELD),
    "another was killed": (Strike(KILL, 104.0, 105.0, worker="wrk-2"), HELD),
    "one was killed that had not begun to work": (Strike(KILL, 104.0, 105.0, worker=""), HELD),
    "another was asked to end": (Strike(TERM, 110.0, 111.0, worker="wrk-2"), HELD),
    "it stood still for a while, and had the time to write": (Strike(STOP, 103.5, 110.5, worker="wrk-1"), HELD),
    "the database was away before its claim": (Strike("postgres_stall", 98.0, 100.0), HELD),
    "its line to the database was cut, and it had the time to write": (Strike("postgres_cut", 104.0, 104.0), HELD),
    "the API was killed": (Strike("api_kill", 104.0, 105.0), HELD),
    "Redis was killed": (Strike("redis_kill", 104.0, 105.0), HELD),
    "a token was refused": (Strike("credential", 104.0, 108.0, "acc"), HELD),
}


@pytest.mark.parametrize("name", [*CAUSES, *NONE])
def test_only_what_can_silence_a_sender_is_the_cause_of_its_silence(name: str) -> None:
    found = {finding.fault for finding in check(silence(*(CAUSES | NONE)[name]))}
    assert found == (set() if name in CAUSES else {Fault.LIES})


def broken_wait(
    *, told: str = "429", words: str = WORDS, target: str = "T", written: bool = False, **again: Any
) -> Facts:
    """A call at 108 is asked to wait, and another one at 110 does not."""
    first = heard(8, 108.0, target, words, accepted=False, answer=told)
    usual = {"accepted": False, "violation": "0.5 s before its penalty ended"}
    calls = heard_too(first, heard(9, 110.0, target, words, **(usual | again)))(sound())
    attempts = [AttemptRow("dlv-T", told, at(107.9), at(108.1))] if written else []
    return in_ledger("attempts", lambda _: attempts)(calls)


HOLDS = looked("wrk-1", 105.0, 106.0, 107.0, 108.0, 109.0)
DEATH = Strike(KILL, 108.2, 109.0, worker="wrk-1")
UNKNOWN: dict[str, Facts] = {
    "it died with it": replace(broken_wait(), strikes=[DEATH], looks=HOLDS),
    "it died, and nobody looked": replace(broken_wait(), strikes=[replace(DEATH, worker=None)]),
    "a refused secret": replace(
        broken_wait(told="401 Unauthorized", violation="a credential that was refused 2.00 s ago"),
        strikes=[DEATH],
        looks=HOLDS,
    ),
    "a reader's letter": replace(
        broken_wait(words="Hello Ann, “Chaos c1” is waiting for 1 of your groups", target="7000"),
        strikes=[DEATH],
        looks=HOLDS,
    ),
    "it stood still with it, and wrote it down later": replace(
        broken_wait(written=True), strikes=[Strike(STOP, 108.2, 115.2, worker="wrk-1")], looks=HOLDS
    ),
}
KNOWN: dict[str, Facts] = {
    "nobody died": broken_wait(),
    "it died long before": replace(broken_wait(), strikes=[replace(DEATH, since=100.0)], looks=HOLDS),
    "it died when it had had the time to write": replace(
        broken_wait(), strikes=[replace(DEATH, since=109.8)], looks=HOLDS
    ),
    "another one died": replace(broken_wait(), strikes=[replace(DEATH, worker="wrk-2")], looks=HOLDS),
    "one died that had not begun": replace(broken_wait(), strikes=[replace(DEATH, worker="")], looks=HOLDS),
    "what it heard was written down": replace(broken_wait(written=True), strikes=[DEATH], looks=HOLDS),
    "what it heard asked for no wait": replace(broken_wait(told="502"), strikes=[DEATH], looks=HOLDS),
    "it was awake again": replace(
        broken_wait(written=True), strikes=[Strike(STOP, 107.95, 108.3, worker="wrk-1")], looks=HOLDS
    ),
    "more than the platform lets a chat have": replace(
        broken_wait(violation="more than 20 a minute in one group"), strikes=[DEATH], looks=HOLDS
    ),
}


@pytest.mark.parametrize("name", [*UNKNOWN, *KNOWN])
def test_only_what_died_with_its_only_witness_is_excused(name: str) -> None:
    found = {finding.fault for finding in check((UNKNOWN | KNOWN)[name])}
    assert (Fault.VIOLATIONS in found) == (name in KNOWN)


def test_a_worker_is_known_by_what_it_says_of_itself() -> None:
    said = '{"worker": "wrk_1", "event": "worker_started"}'
    assert worker_in(f"nothing\n{said}\n") == "wrk_1"
    assert worker_in(said[:-9]) == worker_in("") == ""
