"""What a strike can have caused: whose words a dead worker had in its hands, and for how long nobody could write."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import pairwise
from operator import attrgetter

from app.domain.deliveries.rules import BEGIN_WITHIN, LEASE
from app.domain.shards.rules import shard_of
from app.simulator.receipts import Receipt
from tests.chaos.facts import AttemptRow, DeliveryRow, Strike
from tests.chaos.groups import View
from tests.chaos.scenario import announcement, letter

DEATHS = ("worker_kill", "worker_term")
LASTING = ("worker_stop", "postgres_crash", "postgres_cut", "postgres_cut_in_commit", "postgres_stall")
"""They keep more than one worker from writing: who stands still may hold a row, or SQLite's only place to write."""
DIED = "sender_died"
CLOCKS_S = 0.5
"""So far the moments of the ledger and of the rig may lie apart."""
SEEN_S = 2.0
"""Who held a shard between two looks further apart is not known."""
TO_WRITE_S = 15.0
"""What was over so long before a lease left its sender the time to write, on a slow machine too."""
KNOWLEDGE_S = 1.5
"""A worker that dies so soon after a refusal takes what it heard with it."""


def can_silence(view: View, strike: Strike, attempt: AttemptRow, account_id: str) -> bool:
    """Whether because of this strike nobody wrote down, within its lease, what became of a claim. A death must have
    met the very worker that claimed it, after the claim; whatever else keeps from writing, the end of the lease."""
    claimed = attempt.started_at.timestamp() - view.facts.epoch
    over = claimed + LEASE.total_seconds()
    if strike.kind in LASTING:
        return strike.since <= over and strike.until >= over - TO_WRITE_S
    return (
        strike.kind in DEATHS
        and claimed - CLOCKS_S <= strike.since <= over
        and may_have_held(view, strike, account_id, claimed, claimed)
    )


def may_have_held(view: View, strike: Strike, account_id: str, since: float, until: float) -> bool:
    """Whether the worker that was struck may have held this account's shard between these moments."""
    if strike.worker is None or not view.facts.looks:
        return True
    when, looks = attrgetter("at"), view.facts.looks
    since, until = since - CLOCKS_S, until + CLOCKS_S
    seen = looks[max(0, bisect_right(looks, since, key=when) - 1) : bisect_left(looks, until, key=when) + 1]
    moments = [one.at for one in seen]
    unseen = not seen or moments[0] > since or moments[-1] < until
    blinked = any(later - earlier > SEEN_S for earlier, later in pairwise(moments))
    shard = view.facts.ledger.shards.get(account_id, shard_of(account_id))
    return bool(strike.worker) and (unseen or blinked or any(one.holders.get(shard) == strike.worker for one in seen))


def excused(view: View) -> frozenset[int]:
    """The numbers of calls that broke a wait of which only a worker knew that died, or stood still, in the moment it
    heard of it: it held the account, and what it heard is not written down."""
    found: set[int] = set()
    told: dict[tuple[str, str], Receipt] = {}
    calls = _Calls(view)
    for receipt in view.facts.receipts:
        waits = receipt.violation or ""
        scope = receipt.credential if "refused" in waits else receipt.target
        heard = told.get((receipt.platform, scope))
        if heard is not None and ("penalty" in waits or "refused" in waits) and calls.died_with(heard, receipt.at):
            found.add(receipt.seq)
        if receipt.answer.startswith(("429", "45009", "401")) and not receipt.stands:
            told[receipt.platform, receipt.target] = told[receipt.platform, receipt.credential] = receipt
    return frozenset(found)


class _Calls:
    """Calls at the platforms, and what the ledger knows of each."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._attempts: dict[str, list[AttemptRow]] = {}
        for attempt in view.facts.ledger.attempts:
            self._attempts.setdefault(attempt.delivery_id, []).append(attempt)
        self._rows: Mapping[tuple[str, ...], list[DeliveryRow]] = _by_words(view)
        self._leaders = {(one.platform, one.target): one.name for one in view.facts.leaders}
        self._ends = [one for one in view.facts.strikes if one.kind in {*DEATHS, "worker_stop"}]

    def died_with(self, heard: Receipt, at: float) -> bool:
        """Whether at this moment nobody that lived and was awake can have known of this answer."""
        rows = self._of(heard)
        written = any(self._written(row, heard) for row in rows)
        return any(
            may_have_held(self._view, one, row.account_id, heard.at - BEGIN_WITHIN.total_seconds(), heard.at)
            for one in self._ends
            if heard.at - 0.1 <= one.since <= heard.at + KNOWLEDGE_S
            and (at <= one.until + KNOWLEDGE_S if one.kind == "worker_stop" else not written)
            for row in rows
        )

    def _of(self, call: Receipt) -> list[DeliveryRow]:
        about = announcement(call.text)
        if about is None and (found := letter(call.text)) is not None:
            about = (*found, self._leaders.get((call.platform, call.target), ""))  # type: ignore[assignment]
        return self._rows.get(about, []) if about else []

    def _written(self, row: DeliveryRow, call: Receipt) -> bool:
        epoch = self._view.facts.epoch
        return any(
            one.code != DIED
            and one.started_at.timestamp() - epoch - CLOCKS_S <= call.at <= one.ended_at.timestamp() - epoch + CLOCKS_S
            for one in self._attempts.get(row.id, ())
        )


def _by_words(view: View) -> Mapping[tuple[str, ...], list[DeliveryRow]]:
    """Deliveries, by what their texts tell: an announcement's campaign and group, a letter's campaign, kind, reader."""
    found: dict[tuple[str, ...], list[DeliveryRow]] = {}
    for row in view.facts.ledger.deliveries:
        name = view.names[row.campaign_id]
        words = (name, row.group) if row.kind == "announcement" else (name, row.kind, row.leader)
        found.setdefault(tuple(map(str, words)), []).append(row)
    return found
