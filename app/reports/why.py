"""Why a delivery waits: one sentence, and the facts behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import col, select

from app.channels.published import rush
from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import Priority
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.rules import count_parts
from app.domain.deliveries.states import OPEN, STANDS_FOR, Kind, State
from app.domain.deliveries.tables import Attempt, Delivery, Gate


@dataclass(frozen=True)
class Why:
    """`holds` are the closed gates it stands behind; `attempts` what was tried so far, oldest first."""

    delivery: Delivery
    sentence: str
    holds: Sequence[Gate]
    attempts: Sequence[Attempt]


async def why(tx: Tx, center_id: str, delivery_id: str) -> Why | None:
    delivery = await tx.first(select(Delivery).where(Delivery.id == delivery_id, Delivery.center_id == center_id))
    if delivery is None:
        return None
    held_by = [] if delivery.kind is Kind.RECALL else [delivery.campaign_id]
    held_by += [str(delivery.relay_id)] if delivery.kind in STANDS_FOR else []
    subjects = [delivery.center_id, *held_by, delivery.account_id, delivery.chat]
    gates = await tx.all(select(Gate).where(col(Gate.subject).in_(subjects)).order_by(col(Gate.since)))
    holds = [gate for gate in gates if gate.until is None or gate.until > tx.now]
    attempts = await tx.all(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(col(Attempt.started_at)))
    rush_until = await _rush_until(tx, delivery)
    sentence = _of_parts(delivery) + _sentence(delivery, holds, tx.now, rush_until=rush_until)
    return Why(delivery, sentence, holds, attempts)


def _of_parts(delivery: Delivery) -> str:
    count = count_parts(delivery.part, delivery.following)
    if count == 1:
        return ""
    later = "; the next one waits for it" if delivery.following and delivery.state in OPEN else ""
    return f"This is part {delivery.part + 1} of {count}{later}. "


async def _rush_until(tx: Tx, delivery: Delivery) -> datetime | None:
    """When the moments are over in which its platform asks to be left alone; incidents do not wait for that."""
    account = await tx.first(select(Account).where(Account.id == delivery.account_id))
    campaign = await tx.first(select(Campaign).where(Campaign.id == delivery.campaign_id))
    avoided = rush(account.channel) if account and campaign and campaign.priority is not Priority.INCIDENT else None
    over_at = avoided.over_at(tx.now.timestamp()) if avoided else 0.0
    return datetime.fromtimestamp(over_at, UTC) if over_at > tx.now.timestamp() else None


def _sentence(delivery: Delivery, holds: Sequence[Gate], now: datetime, *, rush_until: datetime | None) -> str:
    if delivery.kind is Kind.TASK and delivery.state is State.SENT:
        return f"The owner was asked at {delivery.sent_at:%Y-%m-%d %H:%M:%S} UTC; his groups tell what he did."
    ended = {
        State.SENT: f"It was sent at {delivery.sent_at:%Y-%m-%d %H:%M:%S} UTC." if delivery.sent_at else "It was sent.",
        State.SENDING: "It is being sent at this moment.",
        State.UNCERTAIN: f"Nobody can know whether it arrived ({delivery.reason}); look into the group and settle it.",
        State.FAILED: f"It failed for good: {delivery.reason}.",
        State.EXPIRED: f"It was not sent: {delivery.reason}.",
        State.CANCELLED: f"It was not sent: {delivery.reason}.",
    }
    if delivery.state in ended:
        return ended[delivery.state]
    if holds:
        until = f" until {holds[0].until:%H:%M:%S} UTC" if holds[0].until else ""
        return f"It waits{until}: {holds[0].reason}."
    if delivery.due_at > now:
        seconds = int((delivery.due_at - now).total_seconds())
        because = f" after: {delivery.reason}" if delivery.reason else ""
        return f"It waits {seconds} s for its own time, {delivery.due_at:%Y-%m-%d %H:%M:%S} UTC{because}."
    if rush_until is not None:
        return f"It waits until {rush_until:%H:%M:%S} UTC: its platform asks to avoid the minutes around :00 and :30."
    return "It is due and waits for its turn: its account's pace and limits let one go after the other."
