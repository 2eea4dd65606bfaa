"""What a party of presses costs: its statements, whose number does not grow with the presses."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.core.db import Database
from app.domain.links.rules import Key
from app.flows.confirm import confirm
from tests.builders import relays as build
from tests.builders.crowd import crowd

MOST = {"postgresql": 10, "sqlite": 13}
"""On SQLite with the BEGIN of either transaction, which PostgreSQL's driver says by itself; there the rows that are
left for the end go with one statement."""


@pytest.mark.parametrize("count", [1, 7])
async def test_a_party_takes_so_many_statements(db: Database, tmp_path: Path, count: int) -> None:
    seen: list[str] = []
    presses = await crowd(db, 10)

    def note(*told: Any) -> None:
        seen.append(told[2])

    async with build.kit_on(db, tmp_path) as kit:
        for engine in {db._writer.sync_engine, db._reader.sync_engine}:
            event.listen(engine, "before_cursor_execute", note)
        words = [confirm(kit, Key(one.token), one.relay_id, action="done") for one in presses[:count]]
        answers = await asyncio.gather(*words)
    assert all(answer and answer.changed for answer in answers)
    assert len(seen) <= MOST[db.dialect], seen
