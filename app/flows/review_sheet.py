"""A directory sheet is looked at on a page first and saved from there: kept sealed in between, for some minutes."""

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.core import parcels
from app.core.errors import Gone
from app.domain.access.rules import Caller
from app.flows.import_sheet import Report, import_sheet
from app.flows.kit import Kit


@dataclass(frozen=True)
class Reviewed:
    """What the sheet would do, and the word under which it can be saved."""

    report: Report
    word: str


async def review_sheet(kit: Kit, caller: Caller, file: BinaryIO, *, filename: str) -> Reviewed:
    """A dry run; nothing is saved but the sheet itself, for a while. Raises Invalid for a file that is no sheet."""
    report = await import_sheet(
        kit,
        file,
        center_id=caller.center_id,
        actor=caller.actor,
        filename=filename,
        dry_run=True,
        partial=False,
    )
    file.seek(0)
    content = await asyncio.to_thread(file.read)
    word = await asyncio.to_thread(parcels.leave, _folder(kit), content, owner=caller.center_id, now=kit.clock.now())
    return Reviewed(report, word)


async def save_reviewed(kit: Kit, caller: Caller, word: str, *, filename: str, partial: bool) -> Report:
    """Save what was looked at, as the directory stands now; it is kept no longer once it is saved. Raises Gone."""
    content = await asyncio.to_thread(parcels.fetch, _folder(kit), word, owner=caller.center_id, now=kit.clock.now())
    if content is None:
        raise Gone("sheet_gone", "This sheet is not kept any more; upload it again.")
    report = await import_sheet(
        kit,
        io.BytesIO(content),
        center_id=caller.center_id,
        actor=caller.actor,
        filename=filename,
        dry_run=False,
        partial=partial,
    )
    if report["saved"]:
        await asyncio.to_thread(parcels.remove, _folder(kit), word, owner=caller.center_id)
    return report


def _folder(kit: Kit) -> Path:
    return kit.settings.data_dir / "sheets"
