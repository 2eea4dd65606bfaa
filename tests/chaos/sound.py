"""A sound run of three groups, as facts, and ways to change it: what the tests of the checker begin with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from app.simulator.receipts import Receipt
from tests.chaos.facts import CampaignRow, DeliveryRow, Facts, JournalRow, Leader, Ledger, Ordered, RelayRow

EPOCH = 1_790_000_000.0


def at(second: float) -> datetime:
    """A ledger's moment, by the seconds of the rig's clock."""
    return datetime.fromtimestamp(EPOCH + second, UTC)


def heard(seq: int, second: float, target: str, text: str, **changes: Any) -> Receipt:
    usual = Receipt(
        seq, second, "", "telegram", "123", target, None, text, "", accepted=True, answer="ok", duplicate=False,
        violation=None,
    )  # fmt: skip
    return replace(usual, **changes)


def delivery(name: str, state: str, **changes: Any) -> DeliveryRow:
    usual = DeliveryRow(
        f"dlv-{name}", "cmp", "announcement", f"rel-{name}", name, None, "acc", f"telegram:{name}", state, "", at(101)
    )
    return replace(usual, **changes)


def story(subject: str, name: str, first: int, *states: str | None) -> list[JournalRow]:
    """A line for every step from state to state, one second each."""
    return [
        JournalRow(first + n, subject, name, was, str(now), at(102 + n))
        for n, (was, now) in enumerate(pairwise(states))
    ]


def sound() -> Facts:
    """Group T has it, in W nobody can know, M's leader has said so."""
    ledger = Ledger(
        now=at(300),
        campaigns=[CampaignRow("cmp", "Chaos c1", "running")],
        relays=[
            RelayRow("rel-T", "cmp", "T", "relayed", "bot", "bot", None, ""),
            RelayRow("rel-W", "cmp", "W", "uncertain", "bot", None, None, ""),
            RelayRow("rel-M", "cmp", "M", "relayed", "leader", "leader", "Ann", ""),
        ],
        deliveries=[
            delivery("T", "sent"),
            delivery("W", "uncertain"),
            delivery("A", "sent", kind="hand_off", relay_id=None, group=None, leader="Ann"),
        ],
        journal=[
            *story("campaign", "cmp", 1, "draft", "running"),
            *story("relay", "rel-T", 10, None, "planned", "posting", "relayed"),
            *story("relay", "rel-W", 20, None, "planned", "posting", "uncertain"),
            *story("relay", "rel-M", 30, None, "planned", "assigned", "assigned", "relayed"),
            *story("delivery", "dlv-T", 40, "due", "sending", "sent"),
            *story("delivery", "dlv-W", 50, "due", "sending", "uncertain"),
            *story("delivery", "dlv-A", 60, "due", "sending", "sent"),
        ],
    )
    receipts = [
        heard(1, 102, "T", "Chaos c1: please read this, T."),
        heard(2, 103, "W", "Chaos c1: please read this, W."),
        heard(3, 104, "7000", "Hello Ann, “Chaos c1” is waiting for 1 of your groups"),
    ]
    ordered = Ordered("c1", "cmp", frozenset("TWM"), (100.0, 100.5), 600.0, ids=frozenset({"cmp"}))
    ann = Leader("Ann", "telegram", "7000", "prompt", 1)
    surfaced = frozenset({"rel-W", "dlv-W"})
    return Facts(ledger, receipts, [ordered], leaders=[ann], surfaced=surfaced, epoch=EPOCH)


def in_ledger(table: str, change: Callable[[list[Any]], Any]) -> Callable[[Facts], Facts]:
    """The same run with one of its ledger's tables changed."""

    def changed(facts: Facts) -> Facts:
        rows = list(getattr(facts.ledger, table))
        return replace(facts, ledger=replace(facts.ledger, **{table: change(rows)}))

    return changed


def heard_too(*more: Receipt) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, receipts=[*facts.receipts, *more])


def ordered_as(**changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, orders=[replace(facts.orders[0], **changes)])


def row(place: int, **changes: Any) -> Callable[[list[Any]], list[Any]]:
    return lambda rows: [*rows[:place], replace(rows[place], **changes), *rows[place + 1 :]]
