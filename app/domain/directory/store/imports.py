"""Sheets that were read."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from app.core.db import Tx
from app.domain.directory.tables import ImportRun


async def add_run(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.insert(ImportRun, [{**row, "at": tx.now}])


async def run(tx: Tx, center_id: str, import_id: str) -> ImportRun | None:
    return await tx.first(select(ImportRun).where(ImportRun.center_id == center_id, ImportRun.id == import_id))
