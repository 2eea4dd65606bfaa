"""`muster export`: the directory as the sheet that `muster import` reads, without secrets, or a campaign as a sheet."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Annotated

import typer

from app.cli.export_campaign import export_campaign
from app.cli.local import center_named, database
from app.cli.terminal import AsJson, Failed, note, progress
from app.core.sheet_writer import Format, csv_in
from app.reports import sheet
from app.reports.export import What
from app.reports.export_words import Tongue
from app.reports.sheet import SheetRow

HEAD = tuple(field.name for field in fields(SheetRow) if field.name != "withheld")

Rows = Callable[[Sequence[SheetRow]], None]


def export(
    *,
    out: Annotated[Path | None, typer.Option("--out", "-o", dir_okay=False, help="Write into this file.")] = None,
    campaign: Annotated[str | None, typer.Option("--campaign", help="A campaign's id: its ledger instead.")] = None,
    what: Annotated[What, typer.Option("--what", help="Of a campaign: relays, missed or tree.")] = What.RELAYS,
    form: Annotated[Format, typer.Option("--format", help="Of a campaign: csv or xlsx.")] = Format.CSV,
    lang: Annotated[Tongue, typer.Option("--lang", help="Of a campaign's header and states: zh or en.")] = Tongue.EN,
    center: Annotated[str | None, typer.Option("--center", help="The center's name or id, where several are.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the directory as CSV, as the import reads it, or with --json one object a line. No secret is in it:
    webhook addresses stay empty. Cells that a spreadsheet would run as formulas get an apostrophe in front, which the
    import takes off again. With --campaign, write what became of one campaign instead.

    Example: muster export --out groups.csv
    """
    if campaign is not None:
        if form is Format.XLSX and (out is None or as_json):
            raise typer.BadParameter("a workbook needs --out, and goes without --json.")
        with _opened_raw(out) as raw:
            wanted = None if as_json else form
            asyncio.run(export_campaign(raw, campaign, center=center, what=what, form=wanted, tongue=lang))
        return
    with _opened(out) as file:
        left_out = asyncio.run(_export(file, center, as_json=as_json))
    if left_out:
        note(f"{left_out} addresses and contacts are credentials and were left out.")


async def _export(file: IO[str], center: str | None, *, as_json: bool) -> int:
    """Write every row; answers how many cells were left out because they are credentials."""
    write = _lines(file) if as_json else _csv(file)
    left_out = done = 0
    async with database() as (db, _), db.read() as tx:
        center_id = await center_named(tx, center)
        total = await sheet.size(tx, center_id)
        with progress("groups") as advance:
            async for rows in sheet.slices(tx, center_id):
                write(rows)
                done += len(rows)
                left_out += sum(row.withheld for row in rows)
                advance(done, max(done, total))
    return left_out


def _csv(file: IO[str]) -> Rows:
    write = csv_in(file)
    write([HEAD])
    return lambda rows: write(list(_cells(row)) for row in rows)


def _lines(file: IO[str]) -> Rows:
    def write(rows: Sequence[SheetRow]) -> None:
        for row in rows:
            cells = {name: value for name, value in asdict(row).items() if name in HEAD}
            file.write(json.dumps(cells, ensure_ascii=False) + "\n")

    return write


def _cells(row: SheetRow) -> Iterator[str]:
    for name in HEAD:
        value = getattr(row, name)
        yield ";".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    """The file to write, or standard output. Raises Failed."""
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}.") from error


@contextmanager
def _opened_raw(path: Path | None) -> Iterator[IO[bytes]]:
    """As `_opened`, for bytes."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    try:
        with path.open("wb") as file:
            yield file
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}.") from error
