"""Whether the work went on: what was due, with nothing in its way, was said before long."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tests.chaos.causes import DEATHS, DIED, LASTING
from tests.chaos.facts import DeliveryRow
from tests.chaos.groups import View
from tests.chaos.scenario import announcement
from tests.chaos.verdict import Fault, Finding

QUIET_S = 15.0
"""For so long an account may say nothing, though something of it is due, on a machine that is three times too slow."""
RECOVERED_S = 25.0
"""So long after a death, or an absence of the database, its effects are over: ten seconds for which the dead count as
living, a lease, the start of a successor."""
LONGEST_S = 45.0
"""Nor may one fault after another keep an account from its work for longer: 15 s at the most in 1,000 kills."""
HEARD_S = 3.0
"""An order has reached every worker so soon."""
SLOW_S = 1.0
"""An answer that takes longer keeps a place among those that are under way."""
OFTEN = 15
"""So many calls in a minute bring a chat near its platform's limits."""
MINUTE_S = 60.0

Span = tuple[float, float]


def nobody_waits_for_long(view: View) -> Iterator[Finding]:
    """While something of an account is due, it is silent no longer than its pauses and a busy machine ask for, besides
    the time in which it was stopped or refused, waited for an answer, or was got going again after a fault."""
    causes, said, seen = _Causes(view), _said(view), set[tuple[str, str, Span]]()
    for row, since, until in _waiting(view):
        pause = view.orders[view.names[row.campaign_id]].gap_s
        for began, ended in said[row.account_id].silences(since, until):
            place = (row.account_id, row.campaign_id, (began, ended))
            if ended - began <= QUIET_S + pause or place in seen:
                continue
            seen.add(place)
            waited = ended - began - _covered(causes.holding(row), began, ended)
            unexplained = ended - began - _covered([*causes.holding(row), *causes.recovering], began, ended)
            if unexplained > QUIET_S + pause or waited > LONGEST_S + pause:
                yield Finding(
                    Fault.SLOW,
                    f"The {view.names_of(row)} could leave, and its account said nothing for {ended - began:.0f} s, "
                    f"{unexplained:.0f} of them without a cause.",
                )


class _Causes:
    """When something stood in the way, and when it was still being got over."""

    def __init__(self, view: View) -> None:
        self._view = view
        slow = (
            (one.started_at.timestamp() - view.facts.epoch, one.ended_at.timestamp() - view.facts.epoch)
            for one in view.facts.ledger.attempts
            if one.code != DIED
        )
        lasting = [(one.since, one.until) for one in view.facts.strikes if one.kind in LASTING]
        self._always = [*lasting, *((since, until) for since, until in slow if until - since > SLOW_S)]
        struck = [one for one in view.facts.strikes if one.kind in {*DEATHS, *LASTING}]
        self.recovering: Sequence[Span] = [(one.since, one.until + RECOVERED_S) for one in struck]

    def holding(self, row: DeliveryRow) -> list[Span]:
        """When this delivery could not leave."""
        facts, name = self._view.facts, self._view.names[row.campaign_id]
        stops = [one for one in facts.stops if one.campaign in {None, name}]
        secrets = [one for one in facts.strikes if one.kind == "credential" and one.of == row.account_id]
        return [
            *self._always,
            *((one.asked or one.since, (one.released or one.until) + HEARD_S) for one in stops),
            *((one.since, one.until + HEARD_S) for one in secrets),
        ]


def _waiting(view: View) -> Iterator[tuple[DeliveryRow, float, float]]:
    """Announcements nobody had said yet, from when to when each could leave: from its plan to its first claim, within
    its time. Left out are chats that were asked to wait, or are near their limits, and gates that are closed."""
    ledger, epoch = view.facts.ledger, view.facts.epoch
    planned = {line.subject_id: line.at for line in ledger.journal if line.subject == "relay" and line.was is None}
    moved = {line.subject_id: line.at for line in reversed(ledger.journal) if line.subject == "delivery"}
    busy, held = _busy(view), {gate.subject for gate in ledger.gates}
    for row in ledger.deliveries:
        ordered = view.orders.get(view.names[row.campaign_id])
        relay = view.relay.get(row.relay_id or "")
        if row.kind != "announcement" or ordered is None or relay is None or relay.id not in planned:
            continue
        if row.group in busy or held & {row.account_id, row.chat}:
            continue
        until = moved.get(row.id, ledger.now).timestamp() - epoch
        over = ordered.launched[0] + ordered.relay_s
        yield row, planned[relay.id].timestamp() - epoch, min(until, over)


def _busy(view: View) -> set[str]:
    """Groups whose chat was asked to wait, or that were called nearly as often as may be."""
    calls: defaultdict[str, list[float]] = defaultdict(list)
    found: set[str] = set()
    for receipt in view.facts.receipts:
        about = announcement(receipt.text)
        if about is None:
            continue
        calls[about[1]].append(receipt.at)
        if receipt.answer.startswith(("429", "45009")) or receipt.violation:
            found.add(about[1])
    often = {
        group
        for group, moments in calls.items()
        if any(later - sooner < MINUTE_S for sooner, later in zip(moments, moments[OFTEN:], strict=False))
    }
    return found | often


class _Said:
    """When an account called its platform, for all that is known, and for how long it did not."""

    def __init__(self, moments: Sequence[float]) -> None:
        self._moments = sorted(moments)
        self._long = [gap for gap in pairwise(self._moments) if gap[1] - gap[0] > QUIET_S]

    def silences(self, since: float, until: float) -> Iterator[Span]:
        """Those between these moments that are worth a look."""
        first, end = bisect_right(self._moments, since), bisect_left(self._moments, until)
        if first >= end:
            yield since, max(since, until)
            return
        yield since, self._moments[first]
        yield from (gap for gap in self._long if since <= gap[0] and gap[1] <= until)
        yield self._moments[end - 1], until


def _said(view: View) -> Mapping[str, _Said]:
    """By account: announcements as the platform received them, and whatever else was written down, letters for one."""
    accounts = {pair: row.account_id for pair, rows in view.posts.items() for row in rows}
    senders = {row.id: row.account_id for row in view.facts.ledger.deliveries}
    said: defaultdict[str, list[float]] = defaultdict(list)
    for receipt in view.facts.receipts:
        about = announcement(receipt.text)
        if about in accounts:
            said[accounts[about]].append(receipt.at)
    for attempt in view.facts.ledger.attempts:
        if attempt.code != DIED:
            said[senders[attempt.delivery_id]].append(attempt.started_at.timestamp() - view.facts.epoch)
    return {account: _Said(said[account]) for account in set(senders.values())}


def _covered(spans: Sequence[Span], since: float, until: float) -> float:
    """How many seconds between these moments lie in any of these spans."""
    found, reached = 0.0, since
    for began, ended in sorted(spans):
        if ended > reached and began < until:
            found += min(ended, until) - max(began, reached)
            reached = min(ended, until)
    return found
