"""`muster export --campaign`: what became of a campaign, as a sheet or one object a line."""

import asyncio
import csv
import io
import json
from pathlib import Path

import openpyxl

from app.core.db import Database
from tests.builders.relays import Handed, handed
from tests.cli.conftest import Muster


def told(url: str) -> Handed:
    async def fill() -> Handed:
        db = Database(url)
        try:
            return await handed(db, groups=("=1+1", "群二"))
        finally:
            await db.close()

    return asyncio.run(fill())


def test_a_campaign_comes_out_as_csv_and_as_objects(muster: Muster, house: str) -> None:
    campaign = told(house).campaign_id
    shown = muster("export", "--campaign", campaign, "--lang", "zh")
    assert shown.code == 0, shown.err
    lines = list(csv.DictReader(io.StringIO(shown.out.removeprefix("\ufeff"))))
    assert sorted(line["群名称"] for line in lines) == ["'=1+1", "群二"]
    assert {line["状态"] for line in lines} == {"已交办"}
    rows = [json.loads(line) for line in muster("export", "--campaign", campaign, "--json").out.splitlines()]
    assert sorted(row["group"] for row in rows) == ["=1+1", "群二"]
    assert {row["state"] for row in rows} == {"assigned"}


def test_a_workbook_needs_a_file_and_an_unknown_campaign_is_told(muster: Muster, house: str, tmp_path: Path) -> None:
    campaign = told(house).campaign_id
    assert muster("export", "--campaign", campaign, "--format", "xlsx").code == 2
    out = tmp_path / "tree.xlsx"
    assert muster("export", "--campaign", campaign, "--what", "tree", "--format", "xlsx", "--out", str(out)).code == 0
    page = openpyxl.load_workbook(out).active
    assert page is not None
    assert [row[:2] for row in page.iter_rows(values_only=True)] == [("branch", "groups"), (None, 2)]
    unknown = muster("export", "--campaign", "cmp_unknown")
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)
