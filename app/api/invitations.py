"""Who could answer for a group, and asking them: an invitation is a link with a yes and a no. Audiences come along."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import Field

from app.api import audiences
from app.api.deps import KitDep, Operator, Reader
from app.api.leaders import ContactText
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape, listing
from app.core.errors import NotFound
from app.core.text import Name
from app.domain.directory.rules import parse_contact
from app.domain.directory.service import groups
from app.domain.invitations import service
from app.domain.invitations.states import State
from app.flows.invite import invite
from app.reports.candidates import candidates

router = APIRouter(tags=["directory"])
router.include_router(audiences.router)


class CandidateShape(Shape):
    """A member of the group who is no leader yet, with the sheet's `activity`; or a `speaker`, somebody who writes in
    it, is no leader, and is known only as `platform:id`; or a leader nearby, with how many groups he has and for how
    many more he has room; `near` is the group's own branch, else it is one branch aside. `words` counts the messages
    that a speaker or a leader has written in the group in 30 days, where its platform tells them."""

    kind: str
    name: str
    activity: int | None
    leader_id: str | None
    groups: int | None
    room: int | None
    near: bool | None
    words: int | None


class Candidates(Shape):
    items: Sequence[CandidateShape]


class NewInvitation(Body):
    """`contact` as of a leader; for somebody who leads already it is left out. `rank` 0 is the primary."""

    name: Name
    contact: ContactText = "none"
    rank: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 0


class InvitationShape(Shape):
    id: str
    group_id: str
    leader_id: str | None
    name: str
    rank: int
    state: State
    reason: str
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None


class FreshInvitation(InvitationShape):
    """`url` is shown this once: hand it to the person."""

    url: str


@router.get("/groups/{group_id}/candidates")
async def could_answer(kit: KitDep, caller: Reader, group_id: Id) -> Candidates:
    """The group's most active members, by the sheet's `activity`, then by the messages they write, then leaders nearby
    with room; the best first."""
    async with kit.db.read() as tx:
        found = await candidates(tx, caller.center_id, group_id)
    if found is None:
        raise NotFound("group_unknown", "There is no such group.")
    return Candidates(items=[CandidateShape.model_validate(each) for each in found])


@router.post("/groups/{group_id}/invitations", status_code=status.HTTP_201_CREATED)
async def ask(kit: KitDep, caller: Operator, group_id: Id, body: NewInvitation) -> FreshInvitation:
    """A link by which this person accepts or declines, good for 14 days. Whoever accepts is the group's leader."""
    made = await invite(kit, caller, group_id, name=body.name, contact=parse_contact(body.contact), rank=body.rank)
    async with kit.db.read() as tx:
        row = await service.one(tx, caller.center_id, made.id)
    return FreshInvitation(**InvitationShape.model_validate(row).model_dump(), url=made.url)


@router.get("/groups/{group_id}/invitations")
async def asked(
    kit: KitDep, caller: Reader, group_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Listing[InvitationShape]:
    """Who was asked, the newest first, and what they said."""
    async with kit.db.read() as tx:
        await groups.one(tx, caller.center_id, group_id)
        page = await service.listed(tx, group_id, limit=limit, cursor=cursor)
    return Listing[InvitationShape].model_validate(listing(InvitationShape, page))


@router.delete("/invitations/{invitation_id}", status_code=status.HTTP_204_NO_CONTENT)
async def take_back(kit: KitDep, caller: Operator, invitation_id: Id) -> None:
    """The link opens nothing any more. 409 once it was answered."""
    async with kit.db.write() as tx:
        await service.withdraw(tx, caller.center_id, invitation_id, actor=caller.actor)
