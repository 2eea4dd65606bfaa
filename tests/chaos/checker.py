"""Holds the ledger against what the platform received and the head ordered. Pure: facts in, findings out."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from math import ceil

from tests.chaos import ends, groups, orders, silences, story
from tests.chaos.facts import Facts
from tests.chaos.groups import View
from tests.chaos.scenario import PROCESS
from tests.chaos.verdict import Fault, Finding

CHECKS: Sequence[Callable[[View], Iterator[Finding]]] = (
    groups.every_group_has_its_row,
    groups.no_group_has_it_twice,
    groups.what_is_sent_stands,
    groups.what_stands_is_in_the_ledger,
    groups.relay_and_delivery_agree,
    groups.whoever_missed_it_is_named,
    ends.nothing_is_given_up_without_a_cause,
    orders.one_campaign_for_each_key,
    orders.stop_means_stop,
    orders.nothing_leaves_too_late,
    orders.one_letter_for_each_leader,
    orders.only_a_press_confirms,
    story.every_move_is_in_the_table_and_in_the_journal,
    story.no_silence_without_a_cause,
    story.doubt_is_told_in_time,
    story.nothing_is_stuck,
    story.limits_are_kept,
    silences.nobody_waits_for_long,
)


def check(facts: Facts) -> list[Finding]:
    """Everything that is wrong with a run."""
    view = View(facts)
    found = [finding for each in CHECKS for finding in each(view)]
    return found + [Finding(Fault.ERRORS, sentence) for sentence in facts.broken]


def recovery(facts: Facts) -> dict[str, float]:
    """Seconds from each fault to the first message accepted after it, those left out in which the head had stopped
    everything: the longest, and the 95th percentile. What bounds each account's is `silences`."""
    accepted = sorted(one.at for one in facts.receipts if one.accepted)
    stopped = [stop for stop in facts.stops if stop.campaign is None]
    waits = []
    for strike in (one for one in facts.strikes if one.kind in PROCESS):
        following = next((at for at in accepted if at > strike.since), None)
        if following is not None:
            overlaps = (min(following, stop.until) - max(strike.since, stop.since) for stop in stopped)
            waits.append(following - strike.since - sum(max(0.0, overlap) for overlap in overlaps))
    waits.sort()
    if not waits:
        return {}
    p95 = waits[ceil(0.95 * len(waits)) - 1]
    return {"max": round(waits[-1], 2), "p95": round(p95, 2), "faults": float(len(waits))}


def fingerprint(facts: Facts) -> str:
    """A hash of all that stands, and how often."""
    standing = sorted(f"{one.platform} {one.target} {one.sha256}" for one in facts.receipts if one.accepted)
    return hashlib.sha256("\n".join(standing).encode()).hexdigest()
