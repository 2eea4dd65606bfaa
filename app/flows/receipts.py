"""Receipts: whoever got a post says what became of it. What nobody could know is settled by proof; an early receipt
waits for the outcome of its delivery."""

from datetime import datetime
from typing import Any, Protocol

from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import STANDS_FOR, Kind, News, State
from app.domain.inbox.states import Matter
from app.domain.relays import store as relays
from app.domain.relays.states import Evidence, Via
from app.domain.relays.states import News as RelayNews
from app.flows.call_off import may_come_back
from app.flows.kit import Kit

WAITS = "waits"


class Event(Protocol):
    """What this flow reads of an event."""

    id: str
    center_id: str
    account_id: str
    platform: str
    matter: Matter
    address_keys: list[str]
    moved_to: str
    code: str
    person: str
    delivery_id: str
    said_at: datetime | None
    received_at: datetime


async def stands(_kit: Kit, tx: Tx, event: Event, _group_id: str | None) -> str:
    """Whoever got a post says that it stands: proof for what is uncertain, or is to be said again."""
    if not event.delivery_id:
        return "kept"
    delivery = await deliveries.of_account(tx, event.account_id, event.delivery_id)
    if delivery is None or delivery.state is State.SENDING:
        return WAITS
    if delivery.kind is Kind.RECALL:
        return "nothing_to_settle"
    if delivery.state is not State.UNCERTAIN and not (delivery.state is State.DUE and delivery.resends):
        return "nothing_to_settle"
    reason = f"the platform's own receipt says {event.matter.value}"
    found = await found_standing(tx, event.center_id, delivery.id, reason=reason, was=delivery.state)
    return "settled_sent" if found else WAITS


async def found_standing(
    tx: Tx,
    center_id: str,
    delivery_id: str,
    *,
    reason: str,
    was: State = State.UNCERTAIN,
    message_id: str | None = None,
) -> bool:
    """The platform's own word that these words stand. False when the delivery is not what it `was` any more."""
    about: dict[str, Any] = {"actor": "muster", "reason": reason}
    await may_come_back(tx, delivery_id)
    delivery = await deliveries.settle(
        tx, center_id, delivery_id, News.FOUND_SENT, was=was, message_id=message_id, **about
    )
    if delivery is None:
        return False
    if delivery.following:
        await relays.move(tx, [str(delivery.relay_id)], RelayNews.PART_POSTED, **about)
        tx.then(WAKE, "settled")
    elif delivery.relay_id and delivery.kind in STANDS_FOR:
        values: dict[str, Any] = {"via": Via.BOT, "evidence": Evidence.PLATFORM_VERIFIED, "relayed_at": tx.now}
        await relays.move(tx, [delivery.relay_id], RelayNews.POSTED, **about, **values)
    return True


async def stands_not(_kit: Kit, tx: Tx, event: Event, _group_id: str | None) -> str:
    """Whoever got a post says that it does not stand: what was uncertain is free to be said again."""
    delivery = await deliveries.of_account(tx, event.account_id, event.delivery_id)
    if delivery is None or delivery.state is State.SENDING:
        return WAITS
    if delivery.kind is Kind.RECALL:
        return "nothing_to_settle"
    reason = f"the platform's own receipt says {event.matter.value}{f': {event.code}' if event.code else ''}"
    news = News.FOUND_NOT_SENT
    await may_come_back(tx, delivery.id)
    if not await deliveries.settle(tx, event.center_id, delivery.id, news, actor="muster", reason=reason):
        return "nothing_to_settle"
    if delivery.relay_id and delivery.kind in STANDS_FOR:
        await relays.move(tx, [delivery.relay_id], RelayNews.FOUND_NOT_SENT, actor="muster", reason=reason)
    tx.then(WAKE, "settled")
    return "settled_not_sent"
