"""What the head ordered, and whether it was so: keys, stops, deadlines, letters, and who may confirm."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.facts import Stop
from tests.chaos.groups import View
from tests.chaos.scenario import announcement, letter
from tests.chaos.verdict import Fault, Finding

STOP_S = 2.0
"""So much later than the answer to a stop the last message may arrive."""


def one_campaign_for_each_key(view: View) -> Iterator[Finding]:
    made = Counter(view.names.values())
    for ordered in view.facts.orders:
        if made[ordered.name] != 1 or len(ordered.ids) > 1:
            count = max(made[ordered.name], len(ordered.ids))
            yield Finding(Fault.DUPLICATES, f"The key of {ordered.name} made {count} campaigns.")
        if not ordered.ids <= set(view.names):
            yield Finding(Fault.LIES, f"{ordered.name} was answered with a campaign that does not exist.")


def stop_means_stop(view: View) -> Iterator[Finding]:
    for receipt in view.facts.receipts:
        if not receipt.accepted:
            continue
        about = announcement(receipt.text) or letter(receipt.text)
        if about is None:
            yield Finding(Fault.LIES, f"Something nobody ordered stands in {receipt.platform} {receipt.target}.")
            continue
        broken = [stop for stop in view.facts.stops if _stops(stop, about[0], receipt.at)]
        if broken:
            since = receipt.at - max(stop.since for stop in broken)
            yield Finding(Fault.LATE, f"{' to '.join(about)} was posted {since:.1f} s after it was stopped.")


def _stops(stop: Stop, campaign: str, at: float) -> bool:
    return stop.campaign in {None, campaign} and stop.since + STOP_S < at < stop.until


def nothing_leaves_too_late(view: View) -> Iterator[Finding]:
    for receipt in view.facts.receipts:
        about = announcement(receipt.text)
        ordered = view.orders.get(about[0]) if about and receipt.accepted else None
        if about is None or ordered is None:
            continue
        late = receipt.at - (ordered.launched[1] + ordered.relay_s)
        if late > STOP_S:
            yield Finding(Fault.LATE, f"{about[0]} was posted to {about[1]} {late:.1f} s after its deadline.")


def one_letter_for_each_leader(view: View) -> Iterator[Finding]:
    names = {(leader.platform, leader.target): leader.name for leader in view.facts.leaders}
    got: Counter[tuple[str, str, str]] = Counter()
    for receipt in view.facts.receipts:
        about = letter(receipt.text) if receipt.accepted else None
        if about is not None:
            got[about[0], about[1], names.get((receipt.platform, receipt.target), receipt.target)] += 1
    for (campaign, kind, leader), count in sorted(got.items()):
        ordered = view.orders.get(campaign)
        most = 1 if kind == "hand_off" or ordered is None else ordered.reminders
        if count > most:
            yield Finding(Fault.DUPLICATES, f"{leader} got {count} letters ({kind}) of {campaign}, {most} at the most.")
    for row in view.facts.ledger.deliveries:
        if row.leader and row.state == "sent" and not got[view.names[row.campaign_id], row.kind, row.leader]:
            yield Finding(Fault.LIES, f"The {view.names_of(row)} is sent, says the ledger; nothing stands there.")


def only_a_press_confirms(view: View) -> Iterator[Finding]:
    presses = {leader.name: leader.presses for leader in view.facts.leaders}
    confirmed: defaultdict[str, list[str]] = defaultdict(list)
    for relay in view.facts.ledger.relays:
        moved = relay.state == "acknowledged" or (relay.state == "relayed" and relay.via != "bot")
        if relay.route == "leader" and relay.leader and moved and not presses.get(relay.leader):
            confirmed[relay.leader].append(relay.group)
    for leader, pressed in sorted(confirmed.items()):
        yield Finding(Fault.LIES, f"{leader} never pressed anything, and {', '.join(sorted(pressed))} count as his.")
