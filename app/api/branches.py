"""Branches: the inner nodes of the tree."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import AfterValidator, Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape
from app.core.text import Line, Name
from app.domain.directory.rules import branch_name
from app.domain.directory.service import tree

router = APIRouter(prefix="/branches", tags=["directory"])

BranchName = Annotated[Name, AfterValidator(branch_name)]


class NewBranch(Body):
    """Below `parent_id`, or below the branch whose path is `parent` (`East/Shanghai`); at the top without either."""

    name: BranchName
    parent_id: Id | None = None
    parent: Line | None = None


class BranchChanges(Body):
    """What to change; an absent field stays. `parent_id` (or `parent`) `null` hangs the branch at the top."""

    name: BranchName = Field(default="-")
    parent_id: Id | None = None
    parent: Line | None = None


class BranchShape(Shape):
    id: str
    name: str
    path: str
    parent_id: str | None
    created_at: datetime


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, body: NewBranch) -> BranchShape:
    """A branch. Its name is unique among its siblings."""
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        parent = await tree.meant(tx, caller.center_id, branch_id=body.parent_id, path=body.parent, field="parent")
        made = await tree.create(tx, caller.center_id, name=body.name, parent=parent, actor=caller.actor)
        return BranchShape.model_validate(made)


@router.get("")
async def listed(
    kit: KitDep,
    caller: Reader,
    parent: Annotated[Id | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[BranchShape]:
    """The center's branches, or with `parent` those directly below one."""
    async with kit.db.read() as tx:
        page = await tree.listed(tx, caller.center_id, parent_id=parent, limit=limit, cursor=cursor)
    return Listing(items=[BranchShape.model_validate(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{branch_id}")
async def one(kit: KitDep, caller: Reader, branch_id: Id) -> BranchShape:
    async with kit.db.read() as tx:
        return BranchShape.model_validate(await tree.one(tx, caller.center_id, branch_id))


@router.patch("/{branch_id}")
async def patch(kit: KitDep, caller: Operator, branch_id: Id, body: BranchChanges) -> BranchShape:
    """Rename a branch or hang it elsewhere, with everything below it. It cannot hang below itself."""
    given = body.model_fields_set
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        branch = await tree.one(tx, caller.center_id, branch_id)
        if given & {"parent_id", "parent"}:
            parent = await tree.meant(tx, caller.center_id, branch_id=body.parent_id, path=body.parent, field="parent")
        else:
            parent = await tree.one(tx, caller.center_id, branch.parent_id) if branch.parent_id else None
        name = body.name if "name" in given else branch.name
        return BranchShape.model_validate(await tree.change(tx, branch, name=name, parent=parent, actor=caller.actor))


@router.delete("/{branch_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(kit: KitDep, caller: Operator, branch_id: Id) -> None:
    """Remove an empty branch; 409 while groups or branches hang in it."""
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        await tree.remove(tx, await tree.one(tx, caller.center_id, branch_id), actor=caller.actor)
