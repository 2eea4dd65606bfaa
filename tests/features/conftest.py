"""What several features' tests begin with."""

import pytest

from app.core.db import Database
from app.domain.deliveries import store
from tests.builders.deliveries import delivery, stage


@pytest.fixture
async def staged(db: Database) -> Database:
    """Forty deliveries that are due."""
    async with db.write() as tx:
        await stage(tx)
        await store.create(tx, [delivery(number, tx.now) for number in range(40)])
    return db
