"""Pictures at the desk: kept as soon as one is chosen, so that a form that comes back still has it, and shown to
whoever may read."""

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.core.errors import Invalid
from app.domain.pictures import service as pictures
from app.domain.pictures.rules import LARGEST
from app.web.desk import Desk, Reads
from app.web.fields import Id
from app.web.new_form import Wrong
from app.web.new_slip import Slip
from app.web.pages import picture_file

router = APIRouter(prefix="/pictures")


@router.get("/{picture_id}")
async def show(desk: Reads, picture_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        return picture_file(await pictures.content(tx, desk.center_id, picture_id))


async def keep_picture(desk: Desk, slip: Slip) -> tuple[Slip, Wrong]:
    """The form with the picture that was sent with it, if any, and what is wrong with that."""
    if desk.sent("no_picture") == "on":
        slip = replace(slip, picture="")
    file = desk.sent("picture_file")
    if not isinstance(file, UploadFile) or not file.filename:
        return slip, {}
    try:
        image = await pictures.bare(await file.read(LARGEST + 1), pointer="/picture_file")
    except Invalid:
        return slip, {"picture": "wrong_picture"}
    async with desk.kit.db.write() as tx:
        kept = await pictures.keep(tx, desk.center_id, image, actor=desk.caller.actor)
    return replace(slip, picture=kept), {}
