"""Absences of a leader: said in the reader's own time, and ended early."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.errors import Invalid
from app.core.text import Line
from app.domain.directory.service import absences, people
from app.web.desk import Desk, Operates
from app.web.fields import Id
from app.web.forms import again
from app.web.leaders import leader_page

router = APIRouter(prefix="/leaders/{leader_id}/absences")


class Away(BaseModel):
    """Without `from` it begins now. Moments as a browser's field tells them, on the reader's clock."""

    from_: Annotated[str, Field(alias="from", max_length=30)] = ""
    until: Annotated[str, Field(max_length=30)] = ""
    reason: Annotated[Line, Field(max_length=200)] = ""


@router.post("")
async def add(desk: Operates, leader_id: Id) -> Response:
    """His open groups go to the next in line as soon as it begins."""
    try:
        told = desk.fields(Away)
        begins = _moment(desk, "from", told.from_) if told.from_ else None
        ends = _moment(desk, "until", told.until)
        async with desk.kit.db.write() as tx:
            await absences.add(
                tx,
                await people.one(tx, desk.center_id, leader_id),
                from_at=begins or tx.now,
                until_at=ends,
                reason=told.reason,
                actor=desk.caller.actor,
            )
    except Invalid as error:
        return await leader_page(desk, leader_id, away=again(desk, error))
    return desk.go(f"/leaders/{leader_id}", said="absence_kept")


@router.post("/{absence_id}/end")
async def end(desk: Operates, leader_id: Id, absence_id: Id) -> Response:
    """What was passed on meanwhile stays with whom it is."""
    async with desk.kit.db.write() as tx:
        await absences.end(tx, desk.center_id, absence_id, actor=desk.caller.actor)
    return desk.go(f"/leaders/{leader_id}", said="absence_ended")


def _moment(desk: Desk, name: str, text: str) -> datetime:
    try:
        said = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid.field(f"/{name}", "Give a day and a time.") from error
    if not 2000 < said.year < 2200:
        raise Invalid.field(f"/{name}", "Give a day and a time of this century.")
    return said.replace(tzinfo=desk.reader.zone).astimezone(UTC)
