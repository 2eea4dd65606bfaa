"""A directory sheet comes in: read whole and held against the rules first, compared with what stands, and saved in one
transaction, or not at all."""

import asyncio
from contextlib import ExitStack
from dataclasses import asdict
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from app.core.db import Tx
from app.core.errors import Invalid
from app.core.sheets import SheetRefused, opened
from app.domain.directory.rules.header import header
from app.domain.directory.service.difference import may_act, vanished
from app.domain.directory.service.imports import record
from app.domain.directory.service.intake import Intake
from app.domain.directory.states import Vanished
from app.flows.admission import DEFAULT, admission, settle
from app.flows.kit import Kit
from app.flows.survey import Survey

Report = dict[str, Any]


async def import_sheet(
    kit: Kit,
    file: BinaryIO,
    *,
    center_id: str,
    actor: str,
    filename: str,
    dry_run: bool,
    partial: bool,
    fate: Vanished = Vanished.KEEP,
) -> Report:
    """`{create, update, unchanged, errors, merged, import_id}`, what changes about groups that stand, and further
    counts, `saved` among them. Nothing is saved in a dry run, nor while an error stands, unless `partial` leaves the
    rows with errors out. Groups that the sheet does not name meet their `fate` when it is saved. Raises Invalid for a
    file that is no sheet, and for one that cannot tell whom it does not name."""
    async with kit.db.read() as tx:
        admitting = await admission(tx, kit, center_id)
    with ExitStack() as stack:
        survey = Survey(admitting, stack.enter_context(TemporaryFile()))
        try:
            sheet = await asyncio.to_thread(stack.enter_context, opened(file, known=lambda cell: bool(header(cell))))
            await asyncio.to_thread(survey.read, sheet)
        except SheetRefused as error:
            raise Invalid.field("/file", error.sentence, code=error.code) from error
        save = survey.readable and not dry_run and (partial or not survey.flaw_count)
        if save:
            may_act(fate, rows=survey.rows, flaws=survey.flaw_count)
        report: Report = {"dry_run": dry_run, "saved": save, "encoding": sheet.encoding or "xlsx"}
        if not save:
            async with kit.db.read() as tx:
                report |= await _take(tx, kit, survey, center_id=center_id, fate=fate, save=False)
        async with kit.db.write() as tx:
            if save:
                report |= await _take(tx, kit, survey, center_id=center_id, fate=fate, save=True)
            report["import_id"] = await record(
                tx, center_id, filename=filename, dry_run=dry_run, saved=save, report=report, actor=actor
            )
    return report


async def _take(tx: Tx, kit: Kit, survey: Survey, *, center_id: str, fate: Vanished, save: bool) -> Report:
    """Compare, and with `save` write, every sound row; answers the counts. Who is not named can be told only where
    every row is sound."""
    intake = Intake(tx, center_id, kit.vault, frozenset(survey.layout.places), save)
    await intake.prepare(paths=survey.paths.values(), named=survey.named)
    own = {
        platform: await settle(tx, center_id, platform, DEFAULT) if save else DEFAULT
        for platform in sorted(survey.defaults)
    }
    batches = survey.batches()
    while batch := await asyncio.to_thread(next, batches, None):
        accounts = [own[entry.platform] if chosen == DEFAULT else chosen for entry, chosen in batch]
        await intake.take([entry for entry, _ in batch], accounts)
    await intake.finish()
    gone: Report = {"vanished": [], "vanished_count": None}
    if not survey.flaw_count:
        gone = await vanished(tx, center_id, survey.names, fate=fate, save=save)
    return {
        **intake.tally.counts(),
        **await intake.difference.told(tx, center_id),
        **gone,
        "accounts_created": len(own),
        "rows": survey.rows,
        "errors": [asdict(flaw) for flaw in survey.flaws],
        "error_count": survey.flaw_count,
        "merged": [asdict(repeat) for repeat in survey.repeats],
    }
