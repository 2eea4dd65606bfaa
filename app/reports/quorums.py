"""The quorum alarms of campaigns: as they were asked for, when they ring, and how it stood when they were judged."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as rows_of

from app.core.bulk import among
from app.core.db import Tx
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Branch
from app.domain.quorum.rules import read
from app.domain.quorum.states import State
from app.domain.quorum.tables import QuorumAlarm

STILL_SHOWN = timedelta(hours=24)
"""How long an alarm that was missed stays on the head's page."""
MOST = 20


class Asking(Protocol):
    id: str
    quorum: list[dict[str, Any]]


@dataclass(frozen=True)
class Alarm:
    """One quorum. Before launch it has no `due_at`; before it is judged no `done` and no `total`."""

    percent: int
    at: datetime | None
    at_percent: int | None
    branch_id: str | None
    branch: str | None
    state: State
    due_at: datetime | None = None
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class Rung:
    """An alarm that rang lately, for the head's page."""

    campaign_id: str
    campaign: str
    branch: str | None
    percent: int
    due_at: datetime
    done: int
    total: int


async def quorums(tx: Tx, campaign: Asking) -> Sequence[Alarm]:
    """A campaign's alarms in the order they were asked for."""
    asks = read(campaign.quorum)
    if not asks:
        return []
    branch_ids = [ask.branch_id for ask in asks if ask.branch_id]
    query = select(col(Branch.id), col(Branch.path)).where(among(col(Branch.id), branch_ids))
    paths = {row.id: row.path for row in await tx.table(query)}
    kept = await tx.all(rows_of(QuorumAlarm).where(QuorumAlarm.campaign_id == campaign.id))
    rows = {row.place: row for row in kept}
    return [
        Alarm(
            **ask.__dict__,
            branch=paths.get(ask.branch_id or ""),
            state=row.state if row else State.WAITING,
            due_at=row.due_at if row else None,
            done=row.done if row and row.judged_at else None,
            total=row.total if row and row.judged_at else None,
        )
        for ask, row in ((ask, rows.get(place)) for place, ask in enumerate(asks))
    ]


async def rung(tx: Tx, center_id: str) -> Sequence[Rung]:
    """What rang in the last day in campaigns that were not called off, the newest first."""
    names = ("campaign_id", "percent", "due_at", "done", "total")
    rows = await tx.table(
        select(*(col(getattr(QuorumAlarm, name)) for name in names))
        .add_columns(col(Campaign.title).label("campaign"), col(Branch.path).label("branch"))
        .join(Campaign, col(Campaign.id) == col(QuorumAlarm.campaign_id))
        .outerjoin(Branch, col(Branch.id) == col(QuorumAlarm.branch_id))
        .where(
            col(QuorumAlarm.center_id) == center_id,
            col(QuorumAlarm.state) == State.MISSED,
            col(QuorumAlarm.judged_at) > tx.now - STILL_SHOWN,
            col(Campaign.state) != Control.CANCELLED,
        )
        .order_by(col(QuorumAlarm.judged_at).desc(), col(QuorumAlarm.id))
        .limit(MOST)
    )
    return [Rung(**{one.name: getattr(row, one.name) for one in fields(Rung)}) for row in rows]
