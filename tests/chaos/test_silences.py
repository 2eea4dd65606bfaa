"""An account that has something to say and says nothing is found, and whatever keeps it from speaking is a cause."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.checker import check
from tests.chaos.facts import AttemptRow, Facts, GateRow, Stop, Strike
from tests.chaos.silences import LONGEST_S, QUIET_S, RECOVERED_S
from tests.chaos.sound import at, heard, in_ledger, ordered_as, sound, story
from tests.chaos.verdict import Fault

WORDS = "Chaos c1: please read this, W."


def waiting(seconds: float) -> Facts:
    """T was posted at 102, and W, planned like T at 102, so much later; nothing else happened meanwhile."""
    late = [replace(one, at=at(102 + seconds + n)) for n, one in enumerate(story("delivery", "dlv-W", 50, *STATES))]
    lines = in_ledger("journal", lambda rows: [one for one in rows if one.subject_id != "dlv-W"] + late)(sound())
    said = [heard(2, 102.5 + seconds, "W", WORDS) if one.seq == 2 else one for one in lines.receipts]
    return replace(lines, receipts=said)


STATES = ("due", "sending", "uncertain")
A_WHILE, LONG = QUIET_S + 10.0, LONGEST_S + 20.0


def strike(kind: str, since: float, until: float, of: str = "") -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, strikes=[Strike(kind, since, until, of)])


def stop(campaign: str | None) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, stops=[Stop(campaign, 106.0, 114.0, asked=104.0, released=118.0)])


def asked_to_wait(facts: Facts) -> Facts:
    said = heard(9, 101.5, "W", WORDS.replace("c1", "c2"), accepted=False, answer="429")
    return replace(facts, receipts=[said, *facts.receipts])


CAUSES: dict[str, tuple[float, Callable[[Facts], Facts]]] = {
    "its pauses are long": (A_WHILE, ordered_as(gap_s=10.0)),
    "it was paused": (A_WHILE, stop("c1")),
    "everything was stopped": (A_WHILE, stop(None)),
    "its secret was refused": (A_WHILE, strike("credential", 103.0, 120.0, "acc")),
    "a worker was killed": (A_WHILE, strike("worker_kill", 103.0, 104.0)),
    "a worker stood still": (28.0 + QUIET_S, strike("worker_stop", 103.0, 131.0)),
    "the database was away": (A_WHILE, strike("postgres_crash", 103.0, 106.0)),
    "its chat was asked to wait": (LONG, asked_to_wait),
    "its gate is closed": (LONG, in_ledger("gates", lambda _: [GateRow("telegram:W", None)])),
    "its time was over": (LONG, ordered_as(relay_s=10.0)),
    "answers took their time": (
        A_WHILE,
        in_ledger("attempts", lambda _: [AttemptRow("dlv-T", "line_lost", at(102), at(117))]),
    ),
}
NONE: dict[str, tuple[float, Callable[[Facts], Facts]]] = {
    "nothing happened": (A_WHILE, lambda facts: facts),
    "another campaign was paused": (A_WHILE, stop("c2")),
    "another secret was refused": (A_WHILE, strike("credential", 103.0, 120.0, "acc-2")),
    "the API was killed": (A_WHILE, strike("api_kill", 103.0, 104.0)),
    "Redis was killed": (A_WHILE, strike("redis_kill", 103.0, 104.0)),
    "a worker was killed long before": (A_WHILE, strike("worker_kill", 60.0, 101.0 - RECOVERED_S)),
    "a worker was killed, and nobody took its place": (RECOVERED_S + A_WHILE, strike("worker_kill", 103.0, 104.0)),
    "a worker stood still, and nobody took its place": (
        28.0 + RECOVERED_S + A_WHILE,
        strike("worker_stop", 103.0, 131.0),
    ),
    "worker after worker was killed": (LONG, strike("worker_kill", 103.0, 103.0 + LONG)),
}


@pytest.mark.parametrize("name", [*CAUSES, *NONE])
def test_a_silence_needs_a_cause_for_all_but_a_while_of_it(name: str) -> None:
    seconds, happened = (CAUSES | NONE)[name]
    found = {finding.fault for finding in check(happened(waiting(seconds)))}
    assert (Fault.SLOW in found) == (name in NONE)


def test_a_while_is_no_silence() -> None:
    assert check(waiting(QUIET_S - 1.0)) == []
