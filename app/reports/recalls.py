"""How far a campaign was taken back, and where it stands because nothing here can take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.directory.tables import Group
from app.domain.recalls.states import State
from app.domain.recalls.tables import Recall
from app.domain.relays.tables import Relay

MOST_NAMED = 200


@dataclass(frozen=True)
class Left:
    """One group in which it stands, and why."""

    group_id: str
    group: str
    reason: str


@dataclass(frozen=True)
class Recalled:
    """`counts` has every state of a recall; `left` names the first two hundred groups where it is impossible."""

    asked_at: datetime
    counts: dict[str, int]
    left: Sequence[Left]


async def recalled(tx: Tx, campaign_id: str) -> Recalled | None:
    """None where nobody asked for it."""
    rows = await tx.table(
        select(col(Recall.state), func.count(), func.min(col(Recall.asked_at)))
        .where(col(Recall.campaign_id) == campaign_id)
        .group_by(col(Recall.state))
    )
    if not rows:
        return None
    found = {row[0]: row[1] for row in rows}
    left = await tx.table(
        select(col(Relay.group_id), col(Group.name), col(Recall.reason))
        .join(Relay, col(Relay.id) == col(Recall.relay_id))
        .join(Group, col(Group.id) == col(Relay.group_id))
        .where(col(Recall.campaign_id) == campaign_id, col(Recall.state) == State.IMPOSSIBLE)
        .order_by(col(Recall.relay_id))
        .limit(MOST_NAMED)
    )
    counts = {state.value: found.get(state, 0) for state in State}
    return Recalled(min(row[2] for row in rows), counts, [Left(*row) for row in left])
