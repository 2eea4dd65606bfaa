"""Who answers for a group or a branch: taken out of the line, or put first in it."""

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.directory.service import people
from app.flows.line_up import make_first
from app.flows.relieve import unassign
from app.reports.directory import assigned_to
from app.web.desk import Desk, Operates
from app.web.fields import Id

router = APIRouter(prefix="/assignments/{assignment_id}")


@router.get("/ask/remove")
async def ask(desk: Operates, assignment_id: Id) -> Response:
    """Whom it takes off what."""
    async with desk.kit.db.read() as tx:
        await people.assignment(tx, desk.center_id, assignment_id)
        leader, place = await assigned_to(tx, assignment_id)
    action = f"/assignments/{assignment_id}/remove"
    return desk.ask("unassign", action=action, grave=True, leader=leader, place=place)


@router.post("/remove")
async def remove(desk: Operates, assignment_id: Id) -> Response:
    """What he has open there goes to the next in line."""
    back = await _place(desk, assignment_id)
    await unassign(desk.kit, desk.caller, assignment_id)
    return desk.go(back, said="unassigned")


@router.post("/first")
async def first(desk: Operates, assignment_id: Id) -> Response:
    await make_first(desk.kit, desk.caller, assignment_id)
    return desk.go(await _place(desk, assignment_id), said="made_first")


async def _place(desk: Desk, assignment_id: str) -> str:
    async with desk.kit.db.read() as tx:
        found = await people.assignment(tx, desk.center_id, assignment_id)
    return f"/groups/{found.group_id}" if found.group_id else f"/tree/{found.branch_id}"
