"""How announcements ended: given up, out of time or in doubt only where there was a cause."""

from collections import defaultdict
from collections.abc import Iterator

from app.domain.deliveries.rules import MOST_RESENDS
from tests.chaos.facts import DeliveryRow, JournalRow
from tests.chaos.groups import OURS, View
from tests.chaos.refusals import refuses_for_good
from tests.chaos.scenario import announcement
from tests.chaos.verdict import Fault, Finding

KEYED = "webhook:"
"""How the chats begin whose platform knows our key in every fault run."""


def nothing_is_given_up_without_a_cause(view: View) -> Iterator[Finding]:
    """A failure was refused by the platform for good; what is out of time had its time; of what can be said again with
    its key nobody is in doubt unless it was, as often as may be, or was called off, out of time or refused for good
    meanwhile."""
    refused = {announcement(one.text) for one in view.facts.receipts if refuses_for_good(one)}
    lines: defaultdict[str, list[JournalRow]] = defaultdict(list)
    for line in view.facts.ledger.journal:
        if line.subject == "delivery":
            lines[line.subject_id].append(line)
    for (campaign, group), rows in sorted(view.posts.items()):
        ordered = view.orders.get(campaign)
        if ordered is None:
            continue  # that nobody ordered it is told elsewhere
        deadline = view.facts.epoch + ordered.launched[0] + ordered.relay_s
        for row in rows:
            said = lines[row.id]
            in_time = bool(said) and said[-1].at.timestamp() < deadline
            final = (campaign, group) in refused
            excused = final or ordered.cancelled
            if row.state == "failed" and row.reason != OURS and not final:
                yield Finding(Fault.LOST, f"The {view.names_of(row)} is failed, and no platform refused it for good.")
            elif row.state == "expired" and in_time:
                yield Finding(Fault.LOST, f"The {view.names_of(row)} expired before its time was over.")
            elif _in_doubt(row) and in_time and not excused and _again(said) < MOST_RESENDS:
                yield Finding(Fault.LOST, f"The {view.names_of(row)} is in doubt, and was not said again with its key.")


def _in_doubt(row: DeliveryRow) -> bool:
    return row.state == "uncertain" and row.chat.startswith(KEYED)


def _again(lines: list[JournalRow]) -> int:
    """How often it was put back to be said again."""
    return sum((line.was, line.became) == ("sending", "due") for line in lines)
