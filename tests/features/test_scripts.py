"""The library in the database: immutable versions, files that may come twice and at once, tenants apart."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlmodel import select

from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.errors import Invalid, NotFound
from app.domain.access.tables import Center
from app.domain.scripts import service
from app.domain.scripts.rules import ScriptSource
from app.domain.scripts.service import SyncReport
from app.domain.scripts.states import Origin
from app.domain.scripts.tables import Script, ScriptVersion

HERE, THERE = "cen_1", "cen_2"


@pytest.fixture
async def db(db: Database) -> Database:
    async with db.write() as tx:
        await tx.add(*(Center(id=center, name=center, created_at=tx.now) for center in (HERE, THERE)))
    return db


def file(
    slug: str = "hello", body: str = "你好 {who}", *, category: str = "welcome", title: str = "Hi"
) -> ScriptSource:
    front = f"title: {title}\ncategory: {category}\nvariables:\n  - {{name: who, description: '', example: x}}"
    return ScriptSource(f"{slug}.md", f"---\n{front}\n---\n## zh\n{body}\n")


def own(slug: str = "hello", body: str = "Dear {who}") -> Mapping[str, object]:
    variable = {"name": "who", "description": "", "example": "x"}
    return {"slug": slug, "title": "Own", "category": "own", "texts": {"en": body}, "variables": [variable]}


async def synced(db: Database, *files: ScriptSource, center: str = HERE, origin: Origin = Origin.LIBRARY) -> SyncReport:
    async with db.write() as tx:
        return await service.sync(tx, center, files, actor="test", origin=origin)


async def texts(db: Database, slug: str = "hello", version: int | None = None) -> Mapping[str, str]:
    async with db.read() as tx:
        return (await service.get(tx, HERE, slug, version)).texts


async def test_a_file_becomes_a_script_then_a_version_then_nothing(db: Database) -> None:
    assert await synced(db, file(), file("second")) == SyncReport(new=("hello", "second"))
    assert await synced(db, file(body="早 {who}"), file("second")) == SyncReport(
        new_version=("hello",), unchanged=("second",)
    )
    assert await synced(db, file(body="早 {who}")) == SyncReport(unchanged=("hello",))
    assert await texts(db) == {"zh": "早 {who}"}
    assert await texts(db, version=1) == {"zh": "你好 {who}"}
    async with db.read() as tx:
        found = await service.versions(tx, HERE, "hello", limit=10)
        notes = await tx.all(select(AuditEntry.detail).where(AuditEntry.action == "script.save"))
    assert [version.version for version in found.items] == [2, 1]
    assert len(notes) == 2, "what changed nothing is not noted"


async def test_going_back_to_older_words_is_a_new_version(db: Database) -> None:
    for body in ("a {who}", "b {who}", "a {who}"):
        await synced(db, file(body=body))
    async with db.read() as tx:
        assert (await service.get(tx, HERE, "hello")).version == 3


async def test_one_bad_file_saves_nothing_and_every_bad_line_is_named(db: Database) -> None:
    with pytest.raises(Invalid) as caught:
        await synced(db, file(), file("bad", "{nobody}"), file("worse", "{who} {what}"))
    assert "bad.md, line" in caught.value.sentence
    assert "worse.md, line" in caught.value.sentence
    async with db.read() as tx:
        assert await tx.all(select(Script)) == []


async def test_many_processes_that_sync_at_once_make_one_version(db: Database) -> None:
    files = [file(slug) for slug in ("a", "b", "c")]
    reports = await asyncio.gather(*(synced(db, *files[turn % 3 :], *files[: turn % 3]) for turn in range(8)))
    assert [report.new for report in reports if report.new] == [("a", "b", "c")]
    reports = await asyncio.gather(*(synced(db, file("a", "new {who}")) for _ in range(8)))
    assert [report.new_version for report in reports if report.new_version] == [("a",)]
    async with db.read() as tx:
        assert len(await tx.all(select(ScriptVersion))) == 4


async def test_different_words_at_once_all_become_versions_in_a_row(db: Database) -> None:
    await asyncio.gather(*(synced(db, file(body=f"{number} {{who}}")) for number in range(8)))
    async with db.read() as tx:
        page = await service.versions(tx, HERE, "hello", limit=20)
    assert [version.version for version in page.items] == list(range(8, 0, -1))
    assert {version.texts["zh"] for version in page.items} == {f"{number} {{who}}" for number in range(8)}


async def test_what_a_center_wrote_is_kept_against_files(db: Database) -> None:
    await synced(db, file())
    async with db.write() as tx:
        version, is_new = await service.create(tx, HERE, own(), actor="test")
    assert (version.version, version.origin, is_new) == (2, Origin.CENTER, True)
    for origin in (Origin.LIBRARY, Origin.FOLDER):
        assert await synced(db, file(body="x {who}"), origin=origin) == SyncReport(kept=("hello",))
    assert await texts(db) == {"en": "Dear {who}"}


async def test_an_operators_folder_stands_above_the_starters(db: Database) -> None:
    await synced(db, file())
    assert (await synced(db, file(body="ours {who}"), origin=Origin.FOLDER)).new_version == ("hello",)
    assert (await synced(db, file())).kept == ("hello",)


async def test_writing_the_same_again_changes_nothing(db: Database) -> None:
    for expected in (True, False):
        async with db.write() as tx:
            version, is_new = await service.create(tx, HERE, own(), actor="test")
        assert (version.version, is_new) == (1, expected)


async def test_centers_do_not_see_each_others_scripts(db: Database) -> None:
    await synced(db, file())
    await synced(db, file(body="there {who}"), center=THERE)
    assert await texts(db) == {"zh": "你好 {who}"}
    await synced(db, file("only-there"), center=THERE)
    async with db.read() as tx:
        with pytest.raises(NotFound, match="no script named only-there"):
            await service.get(tx, HERE, "only-there")
        with pytest.raises(NotFound, match="no script named only-there"):
            await service.versions(tx, HERE, "only-there", limit=5)
        with pytest.raises(NotFound, match="has no version 7"):
            await service.get(tx, HERE, "hello", 7)
        assert len((await service.library(tx, HERE, limit=50)).items) == 1


async def test_the_library_is_searched_and_turned_page_by_page(db: Database) -> None:
    slugs = [f"s{number}" for number in range(5)]
    await synced(db, *(file(slug, category="event", title=f"预热 {slug}") for slug in slugs), file(title="100%_Sure"))
    async with db.read() as tx:

        async def found(*, q: str | None = None, category: str | None = None) -> set[str]:
            page = await service.library(tx, HERE, q=q, category=category, limit=50)
            return {version.content.slug for version in page.items}

        assert await found(category="event") == set(slugs)
        assert await found(q="预热 S3") == {"s3"}
        assert await found(q="%_s") == {"hello"}
        assert await found(q="%") == {"hello"}
        assert await found(q="x' OR 1=1 --") == set()
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await service.library(tx, HERE, limit=2, cursor=cursor)
            seen += [version.content.slug for version in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(seen) == ["hello", *slugs]


async def test_every_center_gets_the_starters_and_only_once(db: Database) -> None:
    await asyncio.gather(*(service.sync_library(db) for _ in range(3)))
    async with db.read() as tx:
        for center in (HERE, THERE):
            page = await service.library(tx, center, limit=200)
            assert len(page.items) == len(service.read_library(service.STARTERS))
            assert {version.version for version in page.items} == {1}


def test_a_folder_is_read_in_order_without_its_readme(tmp_path: Path) -> None:
    for name in ("b.md", "a.md", "README.md", "notes.txt"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf---\r\nx\r\n")
    assert service.read_library(tmp_path) == [ScriptSource("a.md", "---\nx\n"), ScriptSource("b.md", "---\nx\n")]


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"\xff\xfe", "a.md is not UTF-8"), (b"x" * 100_001, "a.md is larger than")]
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "a.md").write_bytes(content)
    with pytest.raises(Invalid, match=sentence):
        service.read_library(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There is no folder"):
        service.read_library(tmp_path / "nowhere")
