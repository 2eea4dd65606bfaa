"""The album: what is being posted is read once, and what was not posted for long is forgotten."""

from typing import Any

import pytest

from app.core.db import Database
from app.domain.campaigns import store as campaigns
from app.flows import album
from app.flows.album import Album
from tests.builders.deliveries import stage


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts that the database is asked for, one list for each time."""
    asked: list[list[str]] = []
    texts = campaigns.texts

    async def noted(tx: Any, text_ids: list[str]) -> dict[str, Any]:
        asked.append(text_ids)
        return await texts(tx, text_ids)

    monkeypatch.setattr(album.campaigns, "texts", noted)
    return asked


async def test_a_text_is_read_once_and_forgotten_when_many_came_after_it(db: Database, read: list[list[str]]) -> None:
    kept, names = Album(), [f"txt_{number:04}" for number in range(album.TEXTS + 1)]
    async with db.write() as tx:
        await stage(tx)
        rows = [{"id": name, "campaign_id": "cmp_1", "body": f"words of {name}"} for name in names]
        await campaigns.keep_texts(tx, rows)
    async with db.read() as tx:
        for _ in range(2):
            found = await kept.texts(tx, [names[0], names[0], names[1], "txt_unknown"])
            assert {name: row.body for name, row in found.items()} == {name: f"words of {name}" for name in names[:2]}
        assert read == [[*names[:2], "txt_unknown"], ["txt_unknown"]]
        await kept.texts(tx, names[2:])
        await kept.texts(tx, [names[1]])
        assert len(read) == 3
        await kept.texts(tx, [names[0]])
        assert read[3] == [names[0]]
