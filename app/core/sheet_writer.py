"""Writes a sheet row by row, as CSV or as a workbook, in memory that does not grow with it; no cell is a formula."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from tempfile import TemporaryDirectory
from typing import IO

import xlsxwriter

from app.core.cells import guarded

Cell = str | int | None
Write = Callable[[Iterable[Sequence[Cell]]], None]

CELL_MOST = 32_767
"""Characters in one cell of a workbook; more makes Excel call the file damaged."""


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return {
            Format.CSV: "text/csv; charset=utf-8",
            Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self]


@contextmanager
def sheet_in(file: IO[bytes], form: Format) -> Iterator[Write]:
    """A way to write rows into this file, which is whole when the block ends."""
    if form is Format.XLSX:
        with _workbook(file) as write:
            yield write
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    yield csv_in(text)
    text.flush()
    text.detach()


def csv_in(file: IO[str]) -> Write:
    """Every cell quoted and disarmed. The mark at the beginning tells spreadsheets that this is UTF-8."""
    file.write("\ufeff")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    return lambda rows: writer.writerows([_text(cell) for cell in row] for row in rows)


@contextmanager
def _workbook(file: IO[bytes]) -> Iterator[Write]:
    """Texts are written as texts, and disarmed all the same: whoever saves the workbook as CSV keeps them harmless.
    What is written waits in a folder that is gone afterwards, whatever happens."""
    with TemporaryDirectory(prefix="muster-export-") as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        sheet = book.add_worksheet()
        row = 0

        def write(rows: Iterable[Sequence[Cell]]) -> None:
            nonlocal row
            for cells in rows:
                for place, cell in enumerate(cells):
                    if isinstance(cell, int):
                        sheet.write_number(row, place, cell)
                    elif cell:
                        sheet.write_string(row, place, guarded(cell)[:CELL_MOST])
                row += 1

        yield write
        book.close()


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell) if isinstance(cell, int) else guarded(cell)
