"""A center's head and its main group."""

from typing import Any

from sqlmodel import select

from app.core.db import Tx
from app.domain.directory.tables import Headquarters


async def headquarters(tx: Tx, center_id: str) -> Headquarters:
    """The center's own, or one in which nobody is named yet."""
    found = await tx.first(select(Headquarters).where(Headquarters.center_id == center_id))
    return found or Headquarters(center_id=center_id)


async def name_headquarters(tx: Tx, center_id: str, values: dict[str, Any]) -> None:
    """Set `head_id`, `main_group_id` or both."""
    statement = tx.upsert(Headquarters).values(center_id=center_id, **values)
    await tx.run(statement.on_conflict_do_update(index_elements=["center_id"], set_=values))
