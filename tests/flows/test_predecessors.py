"""What a predecessor said is counted by whoever takes over, even what ends at that very moment."""

from collections.abc import Mapping
from typing import Any, cast

from app.core.db import Database, Tx
from app.domain.pacing.rules import Pacer
from app.flows.predecessors import hear_of
from app.flows.record import write_down
from app.flows.send import unsaid
from tests.flows.speaking import MANY, ready, taken_by


class Interrupted:
    """A reader between whose first and second statement something happens."""

    def __init__(self, tx: Tx, happens: Any) -> None:
        self.now = tx.now
        self._tx, self._happens = tx, [happens]

    async def table(self, statement: Any, values: Mapping[str, Any] | None = None) -> list[Any]:
        rows = await self._tx.table(statement, values)
        while self._happens:
            await self._happens.pop()()
        return rows


async def test_what_ends_while_a_successor_asks_is_counted(db: Database) -> None:
    kit = await ready(db)
    taken = await taken_by(kit)

    async def all_end() -> None:
        async with db.write() as tx:
            await write_down(tx, [unsaid(one, kit.clock.now()) for one in taken])

    pacer = Pacer([])
    async with db.read(loose=True) as tx:
        await hear_of(cast("Tx", Interrupted(tx, all_end)), {"acc_1": pacer}, longest_s=60)
    assert len(pacer.inherited) == MANY
