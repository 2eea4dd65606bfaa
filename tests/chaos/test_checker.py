"""The checker by itself: a sound run is found sound, and whatever is then made wrong with it is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.checker import check, recovery
from tests.chaos.facts import AttemptRow, CampaignRow, Facts, GateRow, JournalRow, Stop, Strike
from tests.chaos.sound import at, heard, heard_too, in_ledger, ordered_as, row, sound
from tests.chaos.verdict import Fault

WRONG: dict[str, tuple[Callable[[Facts], Facts], Fault]] = {
    "a group has no row": (in_ledger("relays", lambda rows: rows[1:]), Fault.LOST),
    "a group has no delivery": (in_ledger("deliveries", lambda rows: rows[1:]), Fault.LOST),
    "a group has it twice": (heard_too(heard(9, 110, "T", "Chaos c1: please read this, T.")), Fault.DUPLICATES),
    "a group has two rows": (
        in_ledger("relays", lambda rows: [*rows, replace(rows[0], id="rel-2")]),
        Fault.DUPLICATES,
    ),
    "sent, and nothing stands": (lambda facts: replace(facts, receipts=facts.receipts[1:]), Fault.LIES),
    "relayed, and nothing stands": (lambda facts: replace(facts, receipts=facts.receipts[1:]), Fault.SILENT),
    "stands, and was expired": (in_ledger("deliveries", row(0, state="expired")), Fault.LIES),
    "stands, and waits as if never said": (in_ledger("deliveries", row(0, state="due", due_at=at(999))), Fault.LIES),
    "stands where nobody ordered it": (ordered_as(audience=frozenset("WM")), Fault.LIES),
    "something else stands": (heard_too(heard(9, 110, "T", "buy now")), Fault.LIES),
    "relay and delivery disagree": (in_ledger("relays", row(0, state="failed")), Fault.LIES),
    "doubt on no list": (lambda facts: replace(facts, surfaced=frozenset()), Fault.UNSURFACED),
    "failed on no list": (in_ledger("relays", row(2, state="failed")), Fault.SILENT),
    "two campaigns of a key": (
        in_ledger("campaigns", lambda rows: [*rows, CampaignRow("cmp-2", "Chaos c1", "draft")]),
        Fault.DUPLICATES,
    ),
    "two answers to a key": (ordered_as(ids=frozenset({"cmp", "cmp-2"})), Fault.DUPLICATES),
    "given up, and nobody refused it": (
        lambda facts: in_ledger("deliveries", row(0, state="failed"))(replace(facts, receipts=facts.receipts[1:])),
        Fault.LOST,
    ),
    "out of time before its time": (in_ledger("deliveries", row(1, state="expired")), Fault.LOST),
    "in doubt, and its platform knows the key": (in_ledger("deliveries", row(1, chat="webhook:W")), Fault.LOST),
    "posted while paused": (lambda facts: replace(facts, stops=[Stop("c1", 99.0, 200.0)]), Fault.LATE),
    "posted with the switch on": (lambda facts: replace(facts, stops=[Stop(None, 99.0, 200.0)]), Fault.LATE),
    "posted after its deadline": (ordered_as(relay_s=0.1, launched=(98.0, 99.0)), Fault.LATE),
    "a second letter": (heard_too(heard(9, 110, "7000", "Hello Ann, “Chaos c1” is waiting")), Fault.DUPLICATES),
    "a reminder nobody ordered": (heard_too(heard(9, 110, "7000", "Ann, a reminder: “Chaos c1”")), Fault.DUPLICATES),
    "a letter sent that does not stand": (lambda facts: replace(facts, receipts=facts.receipts[:2]), Fault.LIES),
    "confirmed by a look": (
        lambda facts: replace(facts, leaders=[replace(facts.leaders[0], presses=0)]),
        Fault.LIES,
    ),
    "a line is missing": (in_ledger("journal", lambda rows: [one for one in rows if one.seq != 40]), Fault.LIES),
    "the last line is missing": (in_ledger("journal", lambda rows: [one for one in rows if one.seq != 41]), Fault.LIES),
    "a move of no table": (
        in_ledger("journal", lambda rows: [*rows, JournalRow(42, "delivery", "dlv-T", "sent", "due", at(110))]),
        Fault.LIES,
    ),
    "a line about nothing": (
        in_ledger("journal", lambda rows: [*rows, JournalRow(99, "relay", "rel-X", None, "planned", at(110))]),
        Fault.LIES,
    ),
    "left unsaid by nobody's death": (
        in_ledger("attempts", lambda _: [AttemptRow("dlv-W", "sender_died", at(130), at(130))]),
        Fault.LIES,
    ),
    "told too late": (
        in_ledger("journal", lambda rows: [replace(one, at=at(150)) if one.seq == 51 else one for one in rows]),
        Fault.UNSURFACED,
    ),
    "still being sent": (in_ledger("deliveries", row(1, state="sending", lease_until=at(200))), Fault.STUCK),
    "still due": (in_ledger("deliveries", row(1, state="due")), Fault.STUCK),
    "never handed over": (in_ledger("relays", row(2, state="planned")), Fault.STUCK),
    "a limit broken": (heard_too(heard(9, 110, "T", "", accepted=False, violation="more than 3")), Fault.VIOLATIONS),
    "an answer no client may get": (lambda facts: replace(facts, broken=["500"]), Fault.ERRORS),
}


def test_a_sound_run_is_found_sound() -> None:
    assert check(sound()) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    spoil, fault = WRONG[name]
    assert fault in {finding.fault for finding in check(spoil(sound()))}


def test_what_waits_for_a_time_that_is_written_down_is_not_stuck() -> None:
    stuck = in_ledger("deliveries", row(1, state="due"))(sound())
    held = in_ledger("gates", lambda _: [GateRow("telegram:W", at(900))])(stuck)
    assert Fault.STUCK not in {finding.fault for finding in check(held)}
    forgotten = in_ledger("gates", lambda _: [GateRow("telegram:W", None)])(stuck)
    assert Fault.STUCK in {finding.fault for finding in check(forgotten)}


def test_a_stall_is_an_excuse() -> None:
    late, _ = WRONG["told too late"]
    stopped = replace(late(sound()), strikes=[Strike("worker_stop", 105.0, 133.0)])
    assert check(stopped) == []


def test_recovery_is_the_time_to_the_next_message() -> None:
    struck = replace(sound(), strikes=[Strike("worker_kill", 102.5, 103.0), Strike("api_kill", 103.5, 103.6)])
    assert recovery(struck) == {"max": 0.5, "p95": 0.5, "faults": 2.0}


def test_a_refusal_an_end_of_time_and_worn_patience_are_causes() -> None:
    refused = heard(9, 102, "T", "Chaos c1: please read this, T.", accepted=False, answer="403")
    failed, _ = WRONG["given up, and nobody refused it"]
    assert Fault.LOST not in {found.fault for found in check(heard_too(refused)(failed(sound())))}
    for spoil in ("out of time before its time", "in doubt, and its platform knows the key"):
        late = ordered_as(relay_s=1.0)(WRONG[spoil][0](sound()))
        assert Fault.LOST not in {found.fault for found in check(late)}
    doubt = WRONG["in doubt, and its platform knows the key"][0](sound())
    worn = [JournalRow(70 + n, "delivery", "dlv-W", *move, at(102)) for n, move in enumerate([("sending", "due")] * 6)]
    tried = in_ledger("journal", lambda rows: [*worn, *rows])(doubt)
    assert Fault.LOST not in {found.fault for found in check(tried)}
