"""Groups: found by name, branch, platform, tag or status; one of them, to be changed."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.channels.registry import platforms
from app.core.text import Line, Name
from app.domain.directory.rules import MANUAL
from app.domain.directory.rules.sieve import Sieve
from app.domain.directory.service import groups
from app.domain.directory.states import GroupStatus
from app.domain.invitations import service as invitations
from app.domain.invitations.states import State as Invited
from app.flows.keep_group import Fields, change_group
from app.reports.branches import branches
from app.reports.candidates import candidates
from app.reports.directory import answering, leader_names, places
from app.reports.group_history import history
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.forms import WRONG, Form, again, lined_up, plain

router = APIRouter(prefix="/groups")

ROWS = 50
ROWS_OF_HISTORY = 20
MOST_CANDIDATES = 8


class GroupForm(BaseModel):
    """One group as its form tells it; tags with commas between them, a branch by its path."""

    name: Name
    branch: Annotated[Line, Field(max_length=2_000)] = ""
    tags: Annotated[Line, Field(max_length=2_000)] = ""
    language: Annotated[Line, Field(max_length=32)] = ""
    timezone: Annotated[Line, Field(max_length=64)] = ""
    status: GroupStatus = GroupStatus.ACTIVE
    reason: Annotated[Line, Field(max_length=200)] = ""

    def fields(self) -> Fields:
        split = self.tags.replace("，", ",").replace("、", ",").replace("；", ",").replace(";", ",").split(",")
        why = Fields(reason=self.reason) if self.reason else Fields()
        return Fields(
            **why,
            name=self.name,
            branch=self.branch or None,
            tags=[tag.strip() for tag in split if tag.strip()],
            language=self.language or None,
            timezone=self.timezone or None,
            status=self.status,
        )


@router.get("")
async def index(
    desk: Reads,
    *,
    q: str = "",
    branch: str = "",
    platform: str = "",
    tag: str = "",
    status: str = "",
    cursor: str | None = None,
) -> Response:
    """The center's groups as far as every filter lets them through, one page."""
    asked = {
        "q": _clean(q),
        "branch": _clean(branch),
        "platform": _clean(platform),
        "tag": _clean(tag),
        "status": status if status in set(GroupStatus) else "",
    }
    wanted: dict[str, Any] = {name: text or None for name, text in asked.items()}
    wanted["status"] = GroupStatus(status) if asked["status"] else None
    async with desk.kit.db.read() as tx:
        page = await groups.listed(tx, desk.center_id, Sieve(**wanted), limit=ROWS, cursor=cursor or None)
        where = await places(tx, desk.center_id, [each.id for each in page.items])
        tops = await branches(tx, desk.center_id)
    return desk.page(
        "groups.html",
        rows=[(each, where[each.id]) for each in page.items],
        cursor=page.next_cursor,
        query=urlencode({name: text for name, text in asked.items() if text}),
        asked=asked,
        branches=tops,
        platforms=sorted({MANUAL, *platforms(desk.kit.channels)}),
        statuses=list(GroupStatus),
    )


@router.get("/{group_id}")
async def show(desk: Reads, group_id: Id, cursor: str | None = None) -> Response:
    """One group: who answers for it, who could, and what reached it."""
    return await group_page(desk, group_id, cursor=cursor)


@router.post("/{group_id}")
async def change(desk: Operates, group_id: Id) -> Response:
    """What was launched before keeps the facts it was launched with."""
    try:
        await change_group(desk.kit, desk.caller, group_id, desk.fields(GroupForm).fields())
    except WRONG as error:
        return await group_page(desk, group_id, form=again(desk, error, shown={"address_taken": "name"}))
    return desk.go(f"/groups/{group_id}", said="group_kept")


@router.post("/{group_id}/people")
async def add(desk: Operates, group_id: Id) -> Response:
    """One more who answers for it, at the end of the line."""
    line = await lined_up(desk, group_id=group_id)
    if line is not None:
        return await group_page(desk, group_id, line=line)
    return desk.go(f"/groups/{group_id}", said="lined_up")


async def group_page(
    desk: Desk,
    group_id: str,
    *,
    cursor: str | None = None,
    form: Form | None = None,
    line: Form | None = None,
    asking: Form | None = None,
) -> Response:
    """`form`, `line` and `asking` are what was filled in wrongly. Raises NotFound."""
    async with desk.kit.db.read() as tx:
        group = await groups.one(tx, desk.center_id, group_id)
        where = (await places(tx, desk.center_id, [group_id]))[group_id]
        people = await answering(tx, desk.center_id, group_id=group_id)
        above = await answering(tx, desk.center_id, branch_id=group.branch_id) if group.branch_id else []
        tops = await branches(tx, desk.center_id)
        names = await leader_names(tx, desk.center_id)
        past = await history(tx, desk.center_id, group_id, limit=ROWS_OF_HISTORY, cursor=cursor or None)
        could = await candidates(tx, desk.center_id, group_id) or []
        asked = await invitations.listed(tx, group_id, limit=ROWS, cursor=None)
    standing = {
        "name": group.name,
        "branch": where.path,
        "tags": ", ".join(group.tags),
        "language": plain(group.language),
        "timezone": plain(group.timezone),
        "status": group.status.value,
    }
    return desk.page(
        "group.html",
        status=422 if form or line or asking else 200,
        past=past.items,
        cursor=past.next_cursor,
        candidates=could[:MOST_CANDIDATES],
        invitations=[(each, invitation_look(each, desk.reader.now)) for each in asked.items],
        asking=asking or Form(),
        group=group,
        path=where.path,
        people=people,
        above=above,
        branches=tops,
        names=names,
        statuses=list(GroupStatus),
        form=form or Form(standing),
        line=line or Form(),
    )


def invitation_look(one: invitations.Open, now: datetime) -> str:
    """How an invitation stands, as one word; one that is too old opens nothing."""
    return "expired" if one.state is Invited.OPEN and one.expires_at <= now else one.state.value


def _clean(text: str) -> str:
    """What somebody searches for, without what no database takes."""
    return "".join(character for character in text if character.isprintable()).strip()[:100]
