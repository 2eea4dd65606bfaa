"""Imports: one directory sheet, looked at first and saved when it is sound."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Id, Shape
from app.domain.directory.service import imports
from app.domain.directory.states import Vanished
from app.flows.import_sheet import import_sheet

router = APIRouter(prefix="/imports", tags=["directory"])

Choice = Annotated[bool | None, Form()]


class FlawShape(Shape):
    """One thing that is wrong. `row` as the sheet counts, the header being row 1; `column` as the sheet names it."""

    row: int
    column: str
    code: str
    message: str


class RepeatShape(Shape):
    """A row that names a group an earlier row named; the two make one group."""

    row: int
    into_row: int
    group: str


class ChangeShape(Shape):
    """A group that stood before: its branch, name or leader as it was and as the sheet says; empty for none."""

    group_id: str
    group: str
    was: str
    now: str


class AddedShape(Shape):
    """A group that did not stand before, as its row says."""

    group: str
    platform: str
    branch: str
    leader: str


class VanishedShape(Shape):
    """A group of the directory that the sheet does not name; `was` is its status before."""

    group_id: str
    group: str
    branch: str
    was: str


class ImportShape(Shape):
    """What the sheet would do (or, where `saved`, did). `create`, `update` and `unchanged` count groups; the lists hold
    the first thousand, their counts are whole. `asleep` counts groups that are named but dormant or archived: the sheet
    does not wake them. `vanished_count` is null while rows are wrong: they may name these very groups."""

    import_id: str
    dry_run: bool
    saved: bool
    encoding: str
    rows: int
    create: int
    update: int
    unchanged: int
    branches_created: int
    leaders_created: int
    leaders_updated: int
    accounts_created: int
    errors: list[FlawShape]
    error_count: int
    merged: list[RepeatShape]
    asleep: int = 0
    added: list[AddedShape] = Field(default_factory=list)
    moved: list[ChangeShape] = Field(default_factory=list)
    moved_count: int = 0
    renamed: list[ChangeShape] = Field(default_factory=list)
    renamed_count: int = 0
    leader_changed: list[ChangeShape] = Field(default_factory=list)
    leader_changed_count: int = 0
    vanished: list[VanishedShape] = Field(default_factory=list)
    vanished_count: int | None = None


@router.post("")
async def create(
    kit: KitDep,
    caller: Operator,
    file: Annotated[UploadFile, File(description="CSV or XLSX, with the columns of the directory sheet.")],
    dry_run: Choice = None,
    partial: Choice = None,
    vanished: Annotated[Vanished | None, Form()] = None,
    dry_run_asked: Annotated[bool | None, Query(alias="dry_run")] = None,
    partial_asked: Annotated[bool | None, Query(alias="partial")] = None,
    vanished_asked: Annotated[Vanished | None, Query(alias="vanished")] = None,
) -> ImportShape:
    """Read a directory sheet. A dry run, which is the default, saves nothing; neither does a sheet with errors,
    unless `partial=true` leaves the rows with errors out. `vanished=dormant|archive` acts on the groups the sheet does
    not name any more when it is saved; nothing is ever deleted. All may be form fields or query parameters."""
    report = await import_sheet(
        kit,
        file.file,
        center_id=caller.center_id,
        actor=caller.actor,
        filename=file.filename or "",
        dry_run=next((each for each in (dry_run, dry_run_asked) if each is not None), True),
        partial=bool(partial or partial_asked),
        fate=vanished or vanished_asked or Vanished.KEEP,
    )
    return ImportShape.model_validate(report)


@router.get("/{import_id}")
async def one(kit: KitDep, caller: Reader, import_id: Id) -> ImportShape:
    """The report of an import, as it was answered. The sheet itself is not kept."""
    async with kit.db.read() as tx:
        return ImportShape.model_validate(await imports.one(tx, caller.center_id, import_id))
