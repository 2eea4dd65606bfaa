"""What stands after a story is held against what it copies: a copy that strays is seen."""

import pytest
from sqlalchemy import update
from sqlmodel import SQLModel

from app.core.db import Database
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.tables import Delivery
from app.domain.relays.tables import Relay
from tests.builders.deliveries import delivery, stage
from tests.builders.gallery import gallery
from tests.copies import copies_are_true


async def _seen(db: Database, table: type[SQLModel], column: str) -> None:
    await copies_are_true(db)
    async with db.write() as tx:
        assert (await tx.run(update(table).values({column: "of nobody"}))).rowcount
    with pytest.raises(AssertionError):
        await copies_are_true(db)


async def test_a_relay_that_says_another_center_is_seen(db: Database) -> None:
    await gallery(db, groups=20)
    await _seen(db, Relay, "center_id")


@pytest.mark.parametrize("column", ["center_id", "campaign_id"])
async def test_a_delivery_that_says_another_center_or_campaign_is_seen(db: Database, column: str) -> None:
    async with db.write() as tx:
        await stage(tx)
        await deliveries.create(tx, [delivery(1, tx.now)])
    await _seen(db, Delivery, column)
