"""What became of a sheet: its counts, and what was wrong with it."""

from typing import Any

from app.core import audit, ids
from app.core.db import Tx
from app.core.errors import NotFound
from app.domain.directory.store import imports as store

FILENAME_MOST = 120


async def record(
    tx: Tx, center_id: str, *, filename: str, dry_run: bool, saved: bool, report: dict[str, Any], actor: str
) -> str:
    """Keep the report, and the fact in the audit log; answers the import's id."""
    import_id = ids.new("imp")
    row = {"id": import_id, "center_id": center_id, "actor": actor, "filename": plain_filename(filename)}
    await store.add_run(tx, row | {"dry_run": dry_run, "counts": report})
    if saved:
        counts = {name: count for name, count in report.items() if isinstance(count, int)}
        await audit.note(tx, center_id, actor=actor, action="import.save", subject=import_id, **counts)
    return import_id


async def one(tx: Tx, center_id: str, import_id: str) -> dict[str, Any]:
    """The report as it was answered. Raises NotFound."""
    found = await store.run(tx, center_id, import_id)
    if found is None:
        raise NotFound("import_unknown", "There is no such import.")
    return {**found.counts, "import_id": found.id}


def plain_filename(name: str) -> str:
    """What may be kept of a name that came with an upload: no folders, no control or direction characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[-FILENAME_MOST:]
