"""The tiers of a cascade: which branch's leader comes first, and whether those beneath still wait for his word."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.cascade.states import CLOSED, State
from app.domain.cascade.tables import Tier
from app.domain.directory.tables import Branch, Leader
from app.domain.relays.states import State as RelayState
from app.domain.relays.tables import Relay


@dataclass(frozen=True)
class TierLine:
    """One branch of a cascade and how far its leader's tier is."""

    branch_id: str
    branch: str
    leader_id: str
    leader: str
    state: State
    reason: str
    told_at: datetime | None
    until_at: datetime
    ended_at: datetime | None

    @property
    def closed(self) -> bool:
        return self.state in CLOSED


def _tiers() -> Select[Any]:
    return (
        select(
            *(col(getattr(Tier, name)) for name in ("branch_id", "leader_id", "state", "reason")),
            *(col(getattr(Tier, name)) for name in ("told_at", "until_at", "ended_at")),
            col(Branch.path).label("branch"),
            col(Leader.name).label("leader"),
        )
        .join(Branch, col(Branch.id) == col(Tier.branch_id))
        .join(Leader, col(Leader.id) == col(Tier.leader_id))
    )


async def tiers(tx: Tx, campaign_id: str) -> Sequence[TierLine]:
    """All of a campaign's, those waited for longest first."""
    query = _tiers().where(col(Tier.campaign_id) == campaign_id).order_by(col(Tier.until_at), col(Branch.path_key))
    return [_line(row) for row in await tx.table(query)]


async def held_by(tx: Tx, relay_id: str) -> TierLine | None:
    """The tier that this relay waits for."""
    query = _tiers().join(Relay, col(Relay.waits_for) == col(Tier.id)).where(col(Relay.id) == relay_id)
    rows = await tx.table(query.where(col(Relay.state) == RelayState.PLANNED))
    return _line(rows[0]) if rows else None


def _line(row: Any) -> TierLine:
    return TierLine(**{one.name: getattr(row, one.name) for one in fields(TierLine)})
