"""What an operator needs to know before he pauses, resumes or cancels: how much it would touch."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.relays.states import OPEN, State
from app.domain.relays.tables import Relay


@dataclass(frozen=True)
class Gauge:
    """`waiting` messages have not left; `open` groups are not done, `asked` of them lie with a leader; `relayed` have
    it already."""

    waiting: int
    open: int
    asked: int
    relayed: int


async def gauge(tx: Tx, campaign_id: str) -> Gauge:
    waiting = await tx.table(
        select(func.count()).where(col(Delivery.campaign_id) == campaign_id, col(Delivery.state) == DeliveryState.DUE)
    )
    rows = await tx.table(
        select(col(Relay.state), func.count()).where(col(Relay.campaign_id) == campaign_id).group_by(col(Relay.state))
    )
    found: dict[State, int] = {row[0]: row[1] for row in rows}
    return Gauge(
        waiting=waiting[0][0],
        open=sum(found.get(state, 0) for state in OPEN),
        asked=found.get(State.ASSIGNED, 0) + found.get(State.ACKNOWLEDGED, 0),
        relayed=found.get(State.RELAYED, 0),
    )
