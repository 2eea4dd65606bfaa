"""Asking somebody to answer for a group: a link with a yes and a no, shown once; and taking it back."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from app.core.text import Line, Name
from app.domain.directory.rules import ADDRESS_MOST, parse_contact
from app.domain.invitations import service
from app.flows.invite import invite
from app.web.desk import Operates
from app.web.fields import Id
from app.web.forms import WRONG, again
from app.web.groups import group_page

router = APIRouter()

_LAST = 1_000


def _sound(contact: str) -> str:
    parse_contact(contact or "none")
    return contact


class Asked(BaseModel):
    """Without a contact the link is handed over by hand. `first`: he becomes the leader, not a deputy."""

    person: Name
    contact: Annotated[Line, Field(max_length=ADDRESS_MOST), AfterValidator(_sound)] = ""
    first: bool = False


@router.post("/groups/{group_id}/invitations")
async def ask(desk: Operates, group_id: Id) -> Response:
    """The link is shown on the page that answers, and nowhere else."""
    try:
        told = desk.fields(Asked)
        contact = parse_contact(told.contact or "none")
        rank = 0 if told.first else _LAST
        made = await invite(desk.kit, desk.caller, group_id, name=told.person, contact=contact, rank=rank)
    except WRONG as error:
        shown = {"name": "person", "already_assigned": "person", "leader_left": "person", "name_taken": "contact"}
        return await group_page(desk, group_id, asking=again(desk, error, shown=shown))
    back = f"/groups/{group_id}"
    return desk.page("shown_once.html", about=told.person, back=back, secret=made.url, kind="invitation")


@router.get("/invitations/{invitation_id}/ask/withdraw")
async def ask_withdraw(desk: Operates, invitation_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        found = await service.one(tx, desk.center_id, invitation_id)
    action = f"/invitations/{invitation_id}/withdraw"
    return desk.ask("withdraw", action=action, grave=True, name=found.name)


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(desk: Operates, invitation_id: Id) -> Response:
    async with desk.kit.db.write() as tx:
        found = await service.one(tx, desk.center_id, invitation_id)
        await service.withdraw(tx, desk.center_id, invitation_id, actor=desk.caller.actor)
    return desk.go(f"/groups/{found.group_id}", said="withdrawn")
