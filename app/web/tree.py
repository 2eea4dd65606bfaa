"""The tree: branches with their people and counts; added, renamed, hung elsewhere, removed when empty."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from app.core.text import Line, Name
from app.domain.directory.rules import branch_name
from app.domain.directory.service import tree
from app.reports.branches import branches
from app.reports.directory import alone, answering, children, leader_names, nodes
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.forms import WRONG, Form, again, lined_up

router = APIRouter()

ROWS = 200


class BranchForm(BaseModel):
    """`parent` is a path; empty for the top."""

    name: Annotated[Name, AfterValidator(branch_name)]
    parent: Annotated[Line, Field(max_length=2_000)] = ""


SHOWN = {"parent_id": "parent", "name_taken": "name"}


@router.get("/orphans")
async def orphans(desk: Reads, cursor: str | None = None) -> Response:
    """Active groups nobody answers for."""
    async with desk.kit.db.read() as tx:
        page = await alone(tx, desk.center_id, limit=50, cursor=cursor or None)
    return desk.page("orphans.html", rows=page.items, cursor=page.next_cursor)


@router.get("/tree")
async def index(desk: Reads, cursor: str | None = None) -> Response:
    return await _index(desk, cursor=cursor)


@router.post("/tree")
async def create(desk: Operates) -> Response:
    try:
        told = desk.fields(BranchForm)
        async with desk.kit.db.write() as tx:
            await tree.begin(tx, desk.center_id)
            parent = await tree.meant(tx, desk.center_id, branch_id=None, path=told.parent, field="parent")
            await tree.create(tx, desk.center_id, name=told.name, parent=parent, actor=desk.caller.actor)
    except WRONG as error:
        return await _index(desk, form=again(desk, error, shown=SHOWN))
    return desk.go("/tree", said="branch_made")


@router.get("/tree/{branch_id}")
async def show(desk: Reads, branch_id: Id) -> Response:
    return await _page(desk, branch_id)


@router.post("/tree/{branch_id}")
async def change(desk: Operates, branch_id: Id) -> Response:
    """Rename it or hang it elsewhere, with everything below it."""
    try:
        told = desk.fields(BranchForm)
        async with desk.kit.db.write() as tx:
            await tree.begin(tx, desk.center_id)
            branch = await tree.one(tx, desk.center_id, branch_id)
            parent = await tree.meant(tx, desk.center_id, branch_id=None, path=told.parent, field="parent")
            await tree.change(tx, branch, name=told.name, parent=parent, actor=desk.caller.actor)
    except WRONG as error:
        return await _page(desk, branch_id, form=again(desk, error, shown=SHOWN))
    return desk.go(f"/tree/{branch_id}", said="branch_kept")


@router.post("/tree/{branch_id}/people")
async def add(desk: Operates, branch_id: Id) -> Response:
    """One more who answers for every group of it that has nobody nearer."""
    line = await lined_up(desk, branch_id=branch_id)
    if line is not None:
        return await _page(desk, branch_id, line=line)
    return desk.go(f"/tree/{branch_id}", said="lined_up")


@router.get("/tree/{branch_id}/ask/remove")
async def ask_remove(desk: Operates, branch_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        branch = await tree.one(tx, desk.center_id, branch_id)
    return desk.ask("branch_remove", action=f"/tree/{branch_id}/remove", grave=True, path=branch.path)


@router.post("/tree/{branch_id}/remove")
async def remove(desk: Operates, branch_id: Id) -> Response:
    async with desk.kit.db.write() as tx:
        await tree.begin(tx, desk.center_id)
        await tree.remove(tx, await tree.one(tx, desk.center_id, branch_id), actor=desk.caller.actor)
    return desk.go("/tree", said="branch_gone")


async def _index(desk: Desk, *, cursor: str | None = None, form: Form | None = None) -> Response:
    async with desk.kit.db.read() as tx:
        page = await nodes(tx, desk.center_id, limit=ROWS, cursor=cursor or None)
        tops = await branches(tx, desk.center_id)
    return desk.page(
        "tree.html",
        status=422 if form else 200,
        rows=page.items,
        cursor=page.next_cursor,
        branches=tops,
        form=form or Form(),
    )


async def _page(desk: Desk, branch_id: str, *, form: Form | None = None, line: Form | None = None) -> Response:
    async with desk.kit.db.read() as tx:
        branch = await tree.one(tx, desk.center_id, branch_id)
        below, groups = await children(tx, branch_id)
        people = await answering(tx, desk.center_id, branch_id=branch_id)
        tops = await branches(tx, desk.center_id)
        names = await leader_names(tx, desk.center_id)
    standing = {"name": branch.name, "parent": branch.path.rpartition("/")[0]}
    return desk.page(
        "branch.html",
        status=422 if form or line else 200,
        branch=branch,
        below=below,
        groups=groups,
        people=people,
        branches=tops,
        names=names,
        form=form or Form(standing),
        line=line or Form(),
    )
