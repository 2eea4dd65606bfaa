"""Absences: while a leader is away nothing is handed to him, and what he has goes to the next in line."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import AwareDatetime, Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Id, Listing, Shape
from app.core.text import Line
from app.domain.directory.service import absences, people

router = APIRouter(tags=["directory"])


class NewAbsence(Body):
    """Without `from` it begins now."""

    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime
    reason: Annotated[Line, Field(max_length=200)] = ""


class AbsenceShape(Shape):
    """`relieved_at`: when what the leader had was passed on."""

    id: str
    leader_id: str
    from_: Annotated[datetime, Field(validation_alias="from_at", serialization_alias="from")]
    until: Annotated[datetime, Field(validation_alias="until_at")]
    reason: str
    relieved_at: datetime | None


@router.post("/leaders/{leader_id}/absences", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, leader_id: Id, body: NewAbsence) -> AbsenceShape:
    """A leader is away. His open groups go to the next in line as soon as it begins."""
    async with kit.db.write() as tx:
        leader = await people.one(tx, caller.center_id, leader_id)
        row = await absences.add(
            tx,
            leader,
            from_at=body.from_ or tx.now,
            until_at=body.until,
            reason=body.reason,
            actor=caller.actor,
        )
        return AbsenceShape.model_validate(row)


@router.get("/leaders/{leader_id}/absences")
async def of_leader(kit: KitDep, caller: Reader, leader_id: Id) -> Listing[AbsenceShape]:
    """Those of one leader that are not over, the next first."""
    async with kit.db.read() as tx:
        await people.one(tx, caller.center_id, leader_id)
        rows = await absences.listed(tx, caller.center_id, leader_id=leader_id)
    return Listing(items=[AbsenceShape.model_validate(row) for row in rows])


@router.get("/absences")
async def listed(kit: KitDep, caller: Reader) -> Listing[AbsenceShape]:
    """Everybody's that are not over, the next first."""
    async with kit.db.read() as tx:
        rows = await absences.listed(tx, caller.center_id)
    return Listing(items=[AbsenceShape.model_validate(row) for row in rows])


@router.delete("/absences/{absence_id}", status_code=status.HTTP_204_NO_CONTENT)
async def end(kit: KitDep, caller: Operator, absence_id: Id) -> None:
    """The leader is there again. What was passed on meanwhile stays with whom it is."""
    async with kit.db.write() as tx:
        await absences.end(tx, caller.center_id, absence_id, actor=caller.actor)
