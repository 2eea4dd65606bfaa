"""Import: a sheet is uploaded, shown as what it would change, and only then saved."""

import io
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from app.core.errors import Gone, Invalid
from app.core.sheet_writer import Format, sheet_in
from app.core.text import Line
from app.domain.directory.rules.header import COLUMNS
from app.domain.directory.service import imports
from app.flows.review_sheet import review_sheet, save_reviewed
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.forms import Form, again
from app.web.pages import HEADERS
from app.web.words import Tongue

router = APIRouter(prefix="/imports")

SHOWN = 200
"""Errors and changes written out on one page."""


_SAMPLE: dict[Tongue, tuple[dict[str, str], ...]] = {
    "zh": (
        {
            "group": "望京业主群", "platform": "telegram", "address": "-1001234567890", "branch": "朝阳区/望京",
            "members": "180", "tags": "业主;公告", "timezone": "Asia/Shanghai", "language": "zh",
            "routes": "bot;leader", "leader": "王芳", "leader_contact": "telegram:123456789", "deputies": "李强",
        },
        {
            "group": "三班家长群", "platform": "微信", "branch": "朝阳区/双井", "members": "45",
            "timezone": "Asia/Shanghai", "language": "zh", "routes": "leader", "leader": "李强",
            "leader_contact": "email:li@example.com",
        },
    ),
    "en": (
        {
            "group": "River running club", "platform": "telegram", "address": "-1001234567890",
            "branch": "Riverside/North", "members": "180", "tags": "sport;news", "timezone": "Europe/Berlin",
            "language": "en", "routes": "bot;leader", "leader": "Anna Keller", "leader_contact": "telegram:123456789",
            "deputies": "Tom Reed",
        },
        {
            "group": "Parents of class 3", "platform": "manual", "branch": "Riverside/South", "members": "45",
            "timezone": "Europe/Berlin", "language": "en", "routes": "leader", "leader": "Tom Reed",
            "leader_contact": "email:tom@example.com",
        },
    ),
}  # fmt: skip
"""A group a bot posts in, and one its leader posts in."""


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


@router.get("/sample.csv")
async def sample(desk: Reads) -> Response:
    """A sheet to fill in, in the reader's language: the columns, and a row for each kind of group."""
    place = 0 if desk.reader.tongue == "en" else 1
    file = io.BytesIO()
    with sheet_in(file, Format.CSV) as write:
        write([[title[place] for title in _titles().values()]])
        write([[row.get(name, "") for name in COLUMNS] for row in _SAMPLE[desk.reader.tongue]])
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="groups.csv"'}
    return Response(file.getvalue(), media_type=Format.CSV.media_type, headers=headers)


@router.get("/{import_id}")
async def show(desk: Reads, import_id: Id) -> Response:
    """What an import did, or would have done."""
    async with desk.kit.db.read() as tx:
        report = await imports.one(tx, desk.center_id, import_id)
    return _report(desk, report, word="", filename="")


def _titles() -> dict[str, tuple[str, str]]:
    """What each column is called, in English and in Chinese."""
    return {
        name: (titles[0], next((each for each in titles if not each.isascii()), name))
        for name, titles in COLUMNS.items()
    }


def _start(desk: Desk, *, form: Form | None = None) -> Response:
    columns = [(name, *titles) for name, titles in _titles().items()]
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
        added=report.get("added", [])[:SHOWN],
        changes=changes,
        errors=report["errors"][:SHOWN],
        merged=report["merged"][:SHOWN],
        word=word,
        filename=filename,
    )
