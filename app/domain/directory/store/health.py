"""What platforms told us of groups: which group stands at an address, and whether its account is still in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, text, update
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.directory.states import Health
from app.domain.directory.tables import GONE, Group

EXAMPLES = 5


@dataclass(frozen=True)
class Lost:
    """Groups of an audience whose account is not in them any more: how many, and some of their names."""

    count: int
    names: Sequence[str]


async def served_at(
    tx: Tx, center_id: str, account_id: str, *, platform: str, address_keys: Sequence[str]
) -> dict[str, str]:
    """Of these addresses, those at which a group stands that this account posts to: `{address_key: group's id}`."""
    query = columns(col(Group.address_key), col(Group.id)).where(
        col(Group.center_id) == center_id,
        col(Group.platform) == platform,
        among(col(Group.address_key), address_keys),
        col(Group.account_id) == account_id,
    )
    return {row.address_key: row.id for row in await tx.table(query)}


async def tell_health(tx: Tx, group_id: str, health: Health, *, reason: str, since: datetime) -> bool:
    """Note what was told of a group. Platforms repeat themselves out of order: what is older than what is known counts
    for nothing, and answers False."""
    told = await tx.run(
        update(Group)
        .where(col(Group.id) == group_id, or_(col(Group.health_since).is_(None), col(Group.health_since) <= since))
        .values(health=health, health_reason=reason, health_since=since, updated_at=tx.now)
    )
    return told.rowcount == 1


async def lost(tx: Tx, audience: Select[*tuple[Any, ...]]) -> Lost:
    """Those of an audience that are gone."""
    wanted = audience.subquery()
    gone = columns(col(Group.name)).where(text(GONE), col(Group.id).in_(columns(wanted.c.group_id)))
    names = await tx.table(gone.order_by(col(Group.id)).limit(EXAMPLES))
    if len(names) < EXAMPLES:
        return Lost(len(names), [row.name for row in names])
    rows = await tx.table(columns(func.count()).select_from(gone.subquery()))
    return Lost(rows[0][0], [row.name for row in names])
