"""Assignments: which leader answers for which group or branch, and in which order."""

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape
from app.domain.directory.service import people
from app.flows import relieve

router = APIRouter(prefix="/assignments", tags=["directory"])

Rank = Annotated[int, Field(strict=True, ge=0, le=1000)]


class NewAssignment(Body):
    """Exactly one of `group_id` and `branch_id`. Rank 0 is the primary, then the deputies in order."""

    leader_id: Id
    group_id: Id | None = None
    branch_id: Id | None = None
    rank: Rank = 0


class AssignmentChanges(Body):
    rank: Rank


class AssignmentShape(Shape):
    id: str
    leader_id: str
    group_id: str | None
    branch_id: str | None
    rank: int


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, body: NewAssignment) -> AssignmentShape:
    """Let a leader answer for a group, or for every group of a branch that has nobody nearer."""
    async with kit.db.write() as tx:
        made = await people.assign(
            tx,
            caller.center_id,
            leader_id=body.leader_id,
            group_id=body.group_id,
            branch_id=body.branch_id,
            rank=body.rank,
            actor=caller.actor,
        )
        return AssignmentShape.model_validate(made)


@router.get("")
async def listed(
    kit: KitDep,
    caller: Reader,
    leader: Annotated[Id | None, Query()] = None,
    group: Annotated[Id | None, Query()] = None,
    branch: Annotated[Id | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[AssignmentShape]:
    """The center's assignments, as far as every filter lets them through."""
    async with kit.db.read() as tx:
        page = await people.assignments(
            tx, caller.center_id, leader=leader, group=group, branch=branch, limit=limit, cursor=cursor
        )
    return Listing(items=[AssignmentShape.model_validate(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{assignment_id}")
async def one(kit: KitDep, caller: Reader, assignment_id: Id) -> AssignmentShape:
    async with kit.db.read() as tx:
        return AssignmentShape.model_validate(await people.assignment(tx, caller.center_id, assignment_id))


@router.patch("/{assignment_id}")
async def patch(kit: KitDep, caller: Operator, assignment_id: Id, body: AssignmentChanges) -> AssignmentShape:
    """Change the rank."""
    async with kit.db.write() as tx:
        changed = await people.rank(tx, caller.center_id, assignment_id, rank=body.rank, actor=caller.actor)
        return AssignmentShape.model_validate(changed)


@router.delete("/{assignment_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(kit: KitDep, caller: Operator, assignment_id: Id) -> None:
    """Take a leader off a group or branch. What he has open there goes to the next in line."""
    await relieve.unassign(kit, caller, assignment_id)
