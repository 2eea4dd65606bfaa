"""The heart of the checker: what stands in each group, and what the ledger says of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.facts import DeliveryRow, Facts, Ordered, RelayRow
from tests.chaos.scenario import announcement
from tests.chaos.verdict import Fault, Finding

_GOES_WITH = {
    "due": {"planned", "missed"},
    "sending": {"posting"},
    "sent": {"relayed"},
    "uncertain": {"uncertain"},
    "failed": {"failed", "missed", "cancelled"},
    "expired": {"missed"},
    "cancelled": {"cancelled"},
}
"""In which states the relay of an announcement may be, by the announcement's own."""

_MISSING = ("missed", "failed", "uncertain")
OURS = "its relay does not wait for a post any more"


class View:
    """The facts, found by campaign and group."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.names = {row.id: row.title.removeprefix("Chaos ") for row in facts.ledger.campaigns}
        self.orders: dict[str, Ordered] = {one.name: one for one in facts.orders}
        self.relays: defaultdict[tuple[str, str], list[RelayRow]] = defaultdict(list)
        for relay in facts.ledger.relays:
            self.relays[self.names[relay.campaign_id], relay.group].append(relay)
        self.relay = {row.id: row for row in facts.ledger.relays}
        self.posts: defaultdict[tuple[str, str], list[DeliveryRow]] = defaultdict(list)
        for row in facts.ledger.deliveries:
            if row.kind == "announcement":
                self.posts[self.names[row.campaign_id], str(row.group)].append(row)
        self.stands: Counter[tuple[str, str]] = Counter()
        for receipt in facts.receipts:
            found = announcement(receipt.text)
            if receipt.accepted and found:
                self.stands[found] += 1

    def names_of(self, row: DeliveryRow) -> str:
        """A delivery as a sentence names it."""
        return f"{row.kind} of {self.names[row.campaign_id]} to {row.group or row.leader}"


def every_group_has_its_row(view: View) -> Iterator[Finding]:
    for ordered in view.facts.orders:
        if ordered.cancelled:
            continue
        for group in sorted(ordered.audience):
            rows = view.relays[ordered.name, group]
            if not rows:
                yield Finding(Fault.LOST, f"{group} is in the audience of {ordered.name} and not in its ledger.")
            elif rows[0].route == "bot" and rows[0].state != "failed" and not view.posts[ordered.name, group]:
                yield Finding(Fault.LOST, f"{group} has a row in {ordered.name} and no delivery that could reach it.")


def no_group_has_it_twice(view: View) -> Iterator[Finding]:
    for (campaign, group), count in sorted(view.stands.items()):
        if count > 1:
            yield Finding(Fault.DUPLICATES, f"{campaign} stands {count} times in {group}.")
    for (campaign, group), rows in sorted(view.relays.items()):
        if len(rows) > 1:
            yield Finding(Fault.DUPLICATES, f"{group} has {len(rows)} rows in the ledger of {campaign}.")


def what_is_sent_stands(view: View) -> Iterator[Finding]:
    for (campaign, group), rows in sorted(view.posts.items()):
        for row in rows:
            if row.state == "sent" and not view.stands[campaign, group]:
                yield Finding(Fault.LIES, f"{campaign} is sent to {group}, says the ledger; nothing stands there.")
    for (campaign, group), relays in sorted(view.relays.items()):
        for relay in relays:
            if relay.state == "relayed" and relay.via == "bot" and not view.stands[campaign, group]:
                yield Finding(Fault.SILENT, f"{group} has not got {campaign}, and its relay says it has.")


def what_stands_is_in_the_ledger(view: View) -> Iterator[Finding]:
    for (campaign, group), _ in sorted(view.stands.items()):
        ordered = view.orders.get(campaign)
        if ordered is None or group not in ordered.audience:
            yield Finding(Fault.LIES, f"{campaign} stands in {group}, where nobody ordered it.")
        states = {_known(row) for row in view.posts[campaign, group]}
        if not states & {"sent", "uncertain", "sending", "said again"}:
            said = ", ".join(sorted(states)) or "unknown"
            yield Finding(Fault.LIES, f"{campaign} stands in {group}, and its delivery is {said}.")


def _known(row: DeliveryRow) -> str:
    """Its state; or that it waits to be said again with its key, which owns that it may stand."""
    return "said again" if row.state == "due" and row.resends else row.state


def relay_and_delivery_agree(view: View) -> Iterator[Finding]:
    for row in view.facts.ledger.deliveries:
        relay = view.relay.get(row.relay_id or "")
        if relay is None or (row.state == "failed" and row.reason == OURS):
            continue
        if relay.state not in _GOES_WITH[row.state]:
            yield Finding(Fault.LIES, f"The {view.names_of(row)} is {row.state}, and its relay {relay.state}.")


def whoever_missed_it_is_named(view: View) -> Iterator[Finding]:
    for (campaign, group), relays in sorted(view.relays.items()):
        for relay in relays:
            if relay.state not in _MISSING or relay.id in view.facts.surfaced:
                continue
            fault = Fault.UNSURFACED if relay.state == "uncertain" else Fault.SILENT
            yield Finding(fault, f"{group} is {relay.state} in {campaign} and stands on no missed list.")
    for row in view.facts.ledger.deliveries:
        if row.state == "uncertain" and row.id not in view.facts.surfaced:
            yield Finding(Fault.UNSURFACED, f"The {view.names_of(row)} is uncertain, and the API does not list it.")
