"""A center's branches by their paths, to choose one from."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.core.db import Tx
from app.domain.directory.tables import Branch

MOST = 500


async def branches(tx: Tx, center_id: str) -> list[Any]:
    """(id, path) of the first branches, in the order of the tree."""
    return await tx.table(
        select(col(Branch.id), col(Branch.path))
        .where(col(Branch.center_id) == center_id)
        .order_by(col(Branch.path_key))
        .limit(MOST)
    )
