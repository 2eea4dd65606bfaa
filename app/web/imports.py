"""Import: a sheet is uploaded, shown as what it would change, and only then saved."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from app.core.errors import Gone, Invalid
from app.core.text import Line
from app.domain.directory.rules.header import COLUMNS
from app.domain.directory.service import imports
from app.flows.review_sheet import review_sheet, save_reviewed
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.forms import Form, again

router = APIRouter(prefix="/imports")

SHOWN = 200
"""Errors and changes written out on one page."""


class Save(BaseModel):
    word: Annotated[Line, Field(max_length=64)] = ""
    filename: Annotated[Line, Field(max_length=200)] = ""
    partial: bool = False


@router.get("")
async def start(desk: Operates) -> Response:
    return _start(desk)


@router.post("")
async def review(desk: Operates) -> Response:
    """The dry run, shown as a difference."""
    file = desk.sent("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid.field("/file", "Choose a file first.")
        found = await review_sheet(desk.kit, desk.caller, file.file, filename=file.filename)
    except Invalid as error:
        return _start(desk, form=again(desk, error))
    return _report(desk, found.report, word=found.word, filename=imports.plain_filename(file.filename))


@router.post("/save")
async def save(desk: Operates) -> Response:
    """Held against the directory once more: what changed meanwhile is seen, not overwritten blindly."""
    told = desk.fields(Save)
    try:
        report = await save_reviewed(desk.kit, desk.caller, told.word, filename=told.filename, partial=told.partial)
    except Gone as error:
        return _start(desk, form=again(desk, error))
    if not report["saved"]:
        return _report(desk, report, word=told.word, filename=told.filename)
    return desk.go(f"/imports/{report['import_id']}", said="import_saved")


@router.get("/{import_id}")
async def show(desk: Reads, import_id: Id) -> Response:
    """What an import did, or would have done."""
    async with desk.kit.db.read() as tx:
        report = await imports.one(tx, desk.center_id, import_id)
    return _report(desk, report, word="", filename="")


def _start(desk: Desk, *, form: Form | None = None) -> Response:
    columns = [
        (name, titles[0], next((each for each in titles if not each.isascii()), name))
        for name, titles in COLUMNS.items()
    ]
    return desk.page("import_start.html", status=422 if form else 200, form=form or Form(), columns=columns)


def _report(desk: Desk, report: dict[str, Any], *, word: str, filename: str) -> Response:
    changes = [
        (kind, report[kind][:SHOWN], report[f"{kind}_count"])
        for kind in ("moved", "renamed", "leader_changed", "vanished")
        if report.get(f"{kind}_count")
    ]
    return desk.page(
        "import_report.html",
        status=422 if report["error_count"] and not report["saved"] and word else 200,
        report=report,
        changes=changes,
        errors=report["errors"][:SHOWN],
        merged=report["merged"][:SHOWN],
        word=word,
        filename=filename,
    )
