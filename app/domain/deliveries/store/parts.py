"""The parts of a text: the next one comes to stand as the one before it is sent, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.domain.deliveries.rules import part_id
from app.domain.deliveries.states import State
from app.domain.deliveries.tables import Delivery


async def follow(tx: Tx, delivery_ids: Sequence[str]) -> None:
    """Let the next part be due behind each of these, once. It has its own key and tries, and stands where its
    predecessor stood in the queue: a group is not left with half a text while all others get theirs."""
    rows = await tx.all(select(Delivery).where(among(col(Delivery.id), delivery_ids)))
    await tx.insert(Delivery, [_next(row, tx.now) for row in rows], once=True)


async def begun(tx: Tx, campaign_id: str, *, groups: Sequence[str] | None) -> set[str]:
    """The relays of a campaign, in these groups or in all, of whose text a part stands that is not the last."""
    query = columns(col(Delivery.relay_id)).where(
        col(Delivery.campaign_id) == campaign_id,
        col(Delivery.state) == State.SENT,
        col(Delivery.following).is_not(None),
    )
    rows = await tx.table(query if groups is None else query.where(among(col(Delivery.group_id), groups)))
    return {row.relay_id for row in rows}


def _next(row: Delivery, now: datetime) -> dict[str, Any]:
    text_id, _, rest = str(row.following).partition(" ")
    part = row.part + 1
    return {
        **row.model_dump(),
        "id": part_id(row.campaign_id, row.kind, row.subject, turn=row.turn, part=part),
        "part": part,
        "of_id": None,
        "text_id": text_id,
        "following": rest or None,
        "state": State.DUE,
        "reason": "",
        "fence": 0,
        "lease_until": None,
        "tries": 0,
        "resends": 0,
        "message_id": None,
        "sent_at": None,
        "created_at": now,
    }
