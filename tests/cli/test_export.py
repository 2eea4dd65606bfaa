"""`muster export`: what leaves is what the import reads, without secrets and without formulas."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest

from app.core.cells import guarded, unguarded
from app.core.db import Database
from app.domain.access import service as access
from app.domain.directory.rules import address_key
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.reports.sheet import SLICE
from tests.cli.conftest import Muster

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1", '"=1', "'=1"]
PLAIN = ["", "plain", "a=b", "群一", "'quoted'", "1-2", "' "]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_disarmed_and_comes_back(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_text_is_left_as_it_is(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


async def fill(url: str, *, groups: int = 0) -> None:
    db = Database(url)
    async with db.write() as tx:
        center = await access.create_center(tx, "main", actor="test")
        mine = {"center_id": center.id, "created_at": tx.now}
        await tx.add(Branch(id="brn_1", name="Shanghai", path="East/Shanghai", path_key="east/shanghai", **mine))
        people = [("ldr_1", "=cmd|calc", "telegram", "123"), ("ldr_2", "Bo", "webhook", "https://x.org/…cret")]
        for id_, name, kind, contact in people:
            row = {"name": name, "name_key": name, "contact_kind": kind, "contact": contact}
            await tx.add(Leader(id=id_, updated_at=tx.now, **row, **mine))
        places = [("grp_1", "telegram", "-1001"), ("grp_2", "webhook", "https://h.org/…cret"), ("grp_3", "manual", "")]
        places += [(f"grp_4_{number:05}", "manual", "") for number in range(groups)]
        for id_, platform, address in places:
            await tx.add(
                Group(
                    id=id_,
                    name=id_,
                    platform=platform,
                    address=address,
                    address_key=address_key(platform, address, id_),
                    branch_id="brn_1",
                    tags=["vip", "new"],
                    routes=["leader"],
                    members=5,
                    status=GroupStatus.ARCHIVED if id_ == "grp_3" else GroupStatus.ACTIVE,
                    updated_at=tx.now,
                    **mine,
                )
            )
        for rank, leader in enumerate(("ldr_1", "ldr_2")):
            row = Assignment(id=f"asg_{rank}", center_id=center.id, leader_id=leader, group_id="grp_1", rank=rank)
            await tx.add(row)
        await tx.add(Assignment(id="asg_9", center_id=center.id, leader_id="ldr_2", group_id="grp_2", rank=0))
    await db.close()


def test_the_sheet_holds_the_directory_and_no_secret(muster: Muster, house: str) -> None:
    asyncio.run(fill(house))
    told = muster("export")
    assert told.code == 0
    assert told.out.startswith("\ufeff")
    rows = {row["group"]: row for row in csv.DictReader(io.StringIO(told.out.removeprefix("\ufeff")))}
    assert set(rows) == {"grp_1", "grp_2"}
    first = rows["grp_1"]
    assert first["leader"] == "'=cmd|calc"
    assert first["leader_contact"] == "telegram:123"
    assert first["address"] == "'-1001"
    assert (first["branch"], first["deputies"], first["tags"]) == ("East/Shanghai", "Bo", "vip;new")
    assert rows["grp_2"]["address"] == rows["grp_2"]["leader_contact"] == ""
    assert "secret" not in first
    assert "…cret" not in told.out
    assert "2 addresses and contacts are credentials" in told.err


def test_programs_get_one_object_a_line_as_it_is(muster: Muster, house: str) -> None:
    asyncio.run(fill(house))
    rows = [json.loads(line) for line in muster("export", "--json").out.splitlines()]
    assert rows[0]["leader"] == "=cmd|calc"
    assert rows[0]["tags"] == ["vip", "new"]


def test_more_groups_than_one_slice_arrive_once_each(muster: Muster, house: str, tmp_path: Path) -> None:
    asyncio.run(fill(house, groups=SLICE + 3))
    told = muster("export", "--json", "--out", str(tmp_path / "groups.jsonl"))
    names = [json.loads(line)["group"] for line in (tmp_path / "groups.jsonl").read_text().splitlines()]
    assert len(names) == len(set(names)) == SLICE + 5
    assert told.out == ""
    assert f"groups: {SLICE + 5}/{SLICE + 5}" in told.err


def test_a_file_that_cannot_be_written_is_a_failure_in_one_sentence(muster: Muster, house: str) -> None:
    refused = muster("export", "--out", "/no/such/folder/groups.csv")
    assert refused.code == 1
    assert refused.err.count("\n") == 1
