"""The tree holds: no rings, no doubled siblings, everything below follows, whoever edits at the same time."""

import asyncio
import time

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.domain.directory.service import tree
from app.domain.directory.store import branches
from app.domain.directory.tables import Branch
from tests.builders.directory import branch, center, deep_chain, group, kit_on


async def hang(db: Database, child: str, parent: str | None, name: str | None = None) -> None:
    async with db.write() as tx:
        await tree.begin(tx, "cen_1")
        below = await tree.one(tx, "cen_1", child)
        above = await tree.one(tx, "cen_1", parent) if parent else None
        await tree.change(tx, below, name=name or below.name, parent=above, actor="test")


async def paths(db: Database) -> list[str]:
    async with db.read() as tx:
        return sorted(each.path for each in await branches(tx, "cen_1"))


async def test_everything_below_follows_a_branch_that_moves(db: Database) -> None:
    await center(db)
    async with db.write() as tx:
        east = await branch(tx, "East")
        for path in ("East/Shanghai", "East/Shanghai/Pudong", "East/Hangzhou", "North"):
            await branch(tx, path)
        north = await tree.meant(tx, "cen_1", branch_id=None, path="NORTH", field="parent")
    assert north is not None
    await hang(db, east.id, north.id, "Ost")
    assert await paths(db) == [
        "North", "North/Ost", "North/Ost/Hangzhou", "North/Ost/Shanghai", "North/Ost/Shanghai/Pudong",
    ]  # fmt: skip
    async with db.read() as tx:
        found = await tree.meant(tx, "cen_1", branch_id=None, path="north/ost/shanghai/pudong", field="branch")
    assert found is not None
    await hang(db, east.id, None, "East")
    assert "East/Shanghai/Pudong" in await paths(db)


async def test_a_branch_hangs_neither_below_itself_nor_below_its_children(db: Database) -> None:
    await center(db)
    chain = await deep_chain(db, 1_000)
    for child, parent in ((chain[5], chain[5]), (chain[5], chain[6]), (chain[0], chain[-1])):
        with pytest.raises(Invalid) as refused:
            await hang(db, child, parent)
        assert (refused.value.code, refused.value.errors[0].pointer) == ("cycle", "/parent_id")


async def test_two_moves_at_once_cannot_tie_a_ring(db: Database) -> None:
    await center(db)
    async with db.write() as tx:
        one, other = await branch(tx, "one"), await branch(tx, "other")
    results = await asyncio.gather(hang(db, one.id, other.id), hang(db, other.id, one.id), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Invalid", "NoneType"]
    async with db.read() as tx:
        rows = await tx.all(select(Branch))
    assert sum(row.parent_id is None for row in rows) == 1


@pytest.mark.alone
async def test_a_tree_ten_thousand_branches_deep_is_moved_like_any_other(db: Database) -> None:
    await center(db)
    started = time.monotonic()
    chain = await deep_chain(db, 10_000)
    async with db.write() as tx:
        top = await branch(tx, "top")
    await hang(db, chain[0], top.id)
    with pytest.raises(Invalid):
        await hang(db, top.id, chain[-1])
    async with db.read() as tx:
        last = await tree.one(tx, "cen_1", chain[-1])
    assert last.path == "top" + "/b" * 10_000
    assert time.monotonic() - started < 60


async def test_siblings_bear_different_names_however_they_are_spelled(db: Database) -> None:
    await center(db)
    async with db.write() as tx:
        for path in ("East", "North", "North/East"):
            await branch(tx, path)
    for path in ("ＥＡＳＴ", "North/east"):
        with pytest.raises(Conflict):
            async with db.write() as tx:
                await branch(tx, path)
    assert await paths(db) == ["East", "North", "North/East"]


async def test_of_many_who_create_one_branch_at_once_one_succeeds(db: Database) -> None:
    await center(db)

    async def create() -> None:
        async with db.write() as tx:
            await tree.begin(tx, "cen_1")
            await branch(tx, "East")

    results = await asyncio.gather(*(create() for _ in range(8)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 7 + ["NoneType"]


async def test_a_branch_goes_only_when_nothing_hangs_in_it(db: Database) -> None:
    await center(db)
    kit = kit_on(db)
    async with db.write() as tx:
        east, shanghai = await branch(tx, "East"), await branch(tx, "East/Shanghai")
        await group(tx, "g", kit.vault, branch_id=shanghai.id)
    for held in (east, shanghai):
        with pytest.raises(Conflict, match=r"branches|groups"):
            async with db.write() as tx:
                await tree.remove(tx, held, actor="test")
    assert await paths(db) == ["East", "East/Shanghai"]


async def test_another_centers_branch_is_unknown_here(db: Database) -> None:
    await center(db)
    await center(db, "cen_2")
    async with db.write() as tx:
        theirs = await branch(tx, "East", "cen_2")
        with pytest.raises(Invalid):
            await tree.meant(tx, "cen_1", branch_id=theirs.id, path=None, field="parent")
        with pytest.raises(Invalid):
            await tree.meant(tx, "cen_1", branch_id=None, path="East", field="parent")
