"""Every SQL statement on the pulse."""

from sqlalchemy import select as columns
from sqlalchemy import update
from sqlmodel import col

from app.core import ids
from app.core.db import Tx
from app.core.marks import Mark
from app.domain.pulse.tables import Pulse

ONLY = 1


async def feel(tx: Tx) -> tuple[str, Mark]:
    """The database's lineage and its latest beat; a database that has none yet gets its name."""
    rows = await tx.table(_PULSE)
    if not rows:
        first = {"id": ONLY, "lineage": ids.new("dbl"), "beats": 0, "at": tx.now}
        await tx.insert(Pulse, [first], once=True)
        rows = await tx.table(_PULSE)
    return rows[0].lineage, Mark(rows[0].beats, rows[0].at)


_PULSE = columns(col(Pulse.lineage), col(Pulse.beats), col(Pulse.at)).where(col(Pulse.id) == ONLY)


async def beat(tx: Tx) -> tuple[str, Mark]:
    """One beat more."""
    lineage, _ = await feel(tx)
    beats = await tx.run(
        update(Pulse)
        .where(col(Pulse.id) == ONLY)
        .values(beats=col(Pulse.beats) + 1, at=tx.now)
        .returning(col(Pulse.beats))
    )
    return lineage, Mark(int(beats.scalar_one()), tx.now)


async def catch_up(tx: Tx, mark: Mark) -> None:
    """From now on the beats count on from this mark: what was lost is known."""
    await tx.run(
        update(Pulse).where(col(Pulse.id) == ONLY, col(Pulse.beats) < mark.beats).values(beats=mark.beats, at=tx.now)
    )
