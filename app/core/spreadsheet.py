"""The child process that reads one workbook: `spreadsheet.py WORKBOOK ROWS` writes a JSON list of texts per row.

It runs alone, under limits it sets itself: a workbook that unfolds to more than they allow kills this process only.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY = 512 * 2**20
OUTPUT = 256 * 2**20
CPU_S = 20

Cell = int | float | str | bool | time | date | datetime | timedelta


def cell_text(cell: Cell) -> str:
    """What the sheet shows. A workbook keeps every number as a float: 13800000000 comes as 13800000000.0."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def unfold(workbook: str, rows: str) -> None:
    """Write the first visible sheet, blank rows in the middle included, blank rows and cells at the end left out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    book = CalamineWorkbook.from_path(workbook)
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    sheet = book.get_sheet_by_name(visible[0])
    blank = 0
    with Path(rows).open("w", encoding="utf-8") as out:
        for row in sheet.iter_rows():
            texts = [cell_text(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            if not texts:
                blank += 1
                continue
            out.write("[]\n" * blank + json.dumps(texts) + "\n")
            blank = 0


if __name__ == "__main__":
    unfold(sys.argv[1], sys.argv[2])
