"""What the journal tells: every move legal, every doubt with a cause and told in time, nothing left standing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from app.domain.campaigns.states import MOVES as CAMPAIGN_MOVES
from app.domain.deliveries.rules import LEASE
from app.domain.deliveries.states import MOVES as DELIVERY_MOVES
from app.domain.relays.states import MOVES as RELAY_MOVES
from app.domain.relays.states import STEPPED
from tests.chaos.causes import DIED, can_silence, excused
from tests.chaos.facts import DeliveryRow, JournalRow
from tests.chaos.groups import View
from tests.chaos.verdict import Fault, Finding

TOLD_S = LEASE.total_seconds() + 10.0
SWEPT = timedelta(seconds=4)
"""A lease that is over is noticed within this."""

_LEGAL: Mapping[str, set[tuple[str, str]]] = {
    "campaign": {(state.value, end.value) for (state, _), end in CAMPAIGN_MOVES.table.items()},
    "relay": {(state.value, end.value) for (state, _), end in RELAY_MOVES.table.items()},
    "delivery": {(state.value, end.value) for (state, _), end in DELIVERY_MOVES.table.items()},
}
_REMINDED = {(state.value, state.value) for state in STEPPED}
_FIRST: Mapping[str, tuple[str | None, ...]] = {
    "campaign": ("draft",),
    "relay": (None,),
    "delivery": ("due",),
}


def every_move_is_in_the_table_and_in_the_journal(view: View) -> Iterator[Finding]:
    lines: defaultdict[tuple[str, str], list[JournalRow]] = defaultdict(list)
    for line in view.facts.ledger.journal:
        lines[line.subject, line.subject_id].append(line)
    ledger = view.facts.ledger
    rows = {("relay", row.id): (row.state, f"The relay of {row.group}") for row in ledger.relays}
    rows |= {("delivery", row.id): (row.state, f"The {view.names_of(row)}") for row in ledger.deliveries}
    rows |= {("campaign", row.id): (row.state, row.title) for row in ledger.campaigns}
    for (subject, subject_id), (state, name) in rows.items():
        stands: str | None = None
        for line in lines.pop((subject, subject_id), []):
            step = (line.was, line.became)
            if (stands is None and line.was not in _FIRST[subject]) or (stands is not None and line.was != stands):
                yield Finding(Fault.LIES, f"{name}: a line of the journal is missing before “{line.became}”.")
            elif line.was is not None and step not in _LEGAL[subject] and step not in _REMINDED:
                yield Finding(Fault.LIES, f"{name} went from {line.was} to {line.became}, which no table allows.")
            stands = line.became
        if (stands or _FIRST[subject][0]) != state:
            yield Finding(Fault.LIES, f"{name} is {state}, and the last line of its journal says {stands}.")
    for subject, subject_id in lines:
        yield Finding(Fault.LIES, f"The journal tells of a {subject} {subject_id} that does not exist.")


def no_silence_without_a_cause(view: View) -> Iterator[Finding]:
    """A sender counts as dead only if it died after its claim, or could not write till its lease was over."""
    rows = {row.id: row for row in view.facts.ledger.deliveries}
    for attempt in view.facts.ledger.attempts:
        row = rows[attempt.delivery_id]
        if attempt.code == DIED and not any(
            can_silence(view, one, attempt, row.account_id) for one in view.facts.strikes
        ):
            yield Finding(Fault.LIES, f"The {view.names_of(row)} was left unsaid by nobody's death.")


def _stalled(view: View, since: float, until: float) -> float:
    """For how many of these seconds somebody stood still or the database was away."""
    lasting = [one for one in view.facts.strikes if one.kind == "worker_stop" or one.kind.startswith("postgres")]
    return sum(max(0.0, min(until, one.until) - max(since, one.since)) for one in lasting)


def doubt_is_told_in_time(view: View) -> Iterator[Finding]:
    """From its claim to its next state no delivery takes longer than its lease and ten seconds."""
    rows = {row.id: row for row in view.facts.ledger.deliveries}
    taken: dict[str, datetime] = {}
    for line in view.facts.ledger.journal:
        if line.subject != "delivery" or line.subject_id not in rows:
            continue
        since = taken.pop(line.subject_id, None)
        if since is not None and _too_long(view, since, line.at):
            yield Finding(Fault.UNSURFACED, _waited(view, rows[line.subject_id], line.at - since))
        if line.became == "sending":
            taken[line.subject_id] = line.at
    for delivery_id, since in taken.items():
        if rows[delivery_id].state == "sending" and _too_long(view, since, view.facts.ledger.now):
            yield Finding(Fault.UNSURFACED, _waited(view, rows[delivery_id], view.facts.ledger.now - since))


def _too_long(view: View, since: datetime, until: datetime) -> bool:
    began, ended = since.timestamp() - view.facts.epoch, until.timestamp() - view.facts.epoch
    return ended - began > TOLD_S + _stalled(view, began, ended)


def _waited(view: View, row: DeliveryRow, waited: timedelta) -> str:
    return f"The {view.names_of(row)} was being sent for {waited.total_seconds():.0f} s before anybody was told."


def nothing_is_stuck(view: View) -> Iterator[Finding]:
    """Whatever is open waits for a time that is written down, or is under a lease."""
    ledger = view.facts.ledger
    held = {gate.subject for gate in ledger.gates if gate.until is not None and gate.until > ledger.now}
    for row in ledger.deliveries:
        scheduled = row.due_at > ledger.now or held & {row.account_id, row.chat}
        leased = row.lease_until is not None and row.lease_until > ledger.now - SWEPT
        if (row.state == "sending" and not leased) or (row.state == "due" and not scheduled):
            yield Finding(Fault.STUCK, f"The {view.names_of(row)} is still {row.state}.")
    for relay in ledger.relays:
        if relay.state == "planned" and relay.route == "leader":
            yield Finding(
                Fault.STUCK, f"{relay.group} in {view.names[relay.campaign_id]} was never handed to its leader."
            )


def limits_are_kept(view: View) -> Iterator[Finding]:
    known = excused(view)
    for receipt in view.facts.receipts:
        if receipt.violation is not None and receipt.seq not in known:
            yield Finding(Fault.VIOLATIONS, f"{receipt.platform} {receipt.target} was called with {receipt.violation}.")
