"""`muster export`: the directory as the sheet that `muster import` reads, without secrets."""

import asyncio
import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Annotated

import typer

from app.cli.local import center_named, database
from app.cli.terminal import AsJson, Failed, note, progress
from app.core.cells import guarded
from app.reports import sheet
from app.reports.sheet import SheetRow

HEAD = tuple(field.name for field in fields(SheetRow) if field.name != "withheld")

Write = Callable[[Sequence[SheetRow]], None]


def export(
    *,
    out: Annotated[Path | None, typer.Option("--out", "-o", dir_okay=False, help="Write into this file.")] = None,
    center: Annotated[str | None, typer.Option("--center", help="The center's name or id, where several are.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the directory as CSV, as the import reads it, or with --json one object a line. No secret is in it:
    webhook addresses stay empty. Cells that a spreadsheet would run as formulas get an apostrophe in front, which the
    import takes off again.

    Example: muster export --out groups.csv
    """
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


def _csv(file: IO[str]) -> Write:
    """Every cell quoted and disarmed. The mark at the beginning tells spreadsheets that this is UTF-8."""
    file.write("\ufeff")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(HEAD)
    return lambda rows: writer.writerows([_cells(row) for row in rows])


def _lines(file: IO[str]) -> Write:
    def write(rows: Sequence[SheetRow]) -> None:
        for row in rows:
            cells = {name: value for name, value in asdict(row).items() if name in HEAD}
            file.write(json.dumps(cells, ensure_ascii=False) + "\n")

    return write


def _cells(row: SheetRow) -> Iterator[str]:
    for name in HEAD:
        value = getattr(row, name)
        text = ";".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        yield guarded(text)


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
