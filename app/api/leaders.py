"""Leaders: the people who answer for groups and branches."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, status
from pydantic import AfterValidator, Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape
from app.core.text import Line, Name
from app.domain.directory.rules import ADDRESS_MOST, Contact, language, parse_contact
from app.domain.directory.service import people
from app.flows.enrol import renew_code
from app.flows.keep_group import change_leader, create_leader
from app.flows.relieve import remove_leader

router = APIRouter(prefix="/leaders", tags=["directory"])


def _sound(contact: str) -> str:
    parse_contact(contact)
    return contact


ContactText = Annotated[Line, Field(max_length=ADDRESS_MOST), AfterValidator(_sound)]
Language = Annotated[Line, Field(min_length=1, max_length=32), AfterValidator(language)]


class NewLeader(Body):
    """`contact` is `telegram:123`, `wecom:userid`, `feishu:ou_…`, `slack:U…`, `matrix:!room`, `email:…`,
    `webhook:https://…` or `none`."""

    name: Name
    contact: ContactText = "none"
    language: Language | None = None


class LeaderChanges(Body):
    """What to change; an absent field stays. `left: false` brings back a leader who had left."""

    name: Name = "-"
    contact: ContactText = "none"
    language: Language | None = None
    left: Literal[False] = False

    def changes(self) -> people.Changes:
        found = people.Changes()
        if "name" in self.model_fields_set:
            found["name"] = self.name
        if "contact" in self.model_fields_set:
            found["contact"] = parse_contact(self.contact)
        if "language" in self.model_fields_set:
            found["language"] = self.language
        if "left" in self.model_fields_set:
            found["left"] = self.left
        return found


class LeaderShape(Shape):
    """A leader. `contact` is masked where it is a credential."""

    id: str
    name: str
    contact: str
    language: str | None
    left_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: people.Row) -> "LeaderShape":
        contact = f"{row.contact_kind}:{row.contact}" if row.contact else row.contact_kind
        return cls(
            **row.model_dump(include={"id", "name", "language", "left_at", "created_at", "updated_at"}), contact=contact
        )


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, body: NewLeader) -> LeaderShape:
    """A leader, known in the center by name."""
    contact: Contact = parse_contact(body.contact)
    return LeaderShape.of(await create_leader(kit, caller, body.name, contact=contact, language=body.language))


@router.get("")
async def listed(
    kit: KitDep,
    caller: Reader,
    q: Annotated[Line | None, Query(description="A part of the name.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[LeaderShape]:
    """The center's leaders."""
    async with kit.db.read() as tx:
        page = await people.listed(tx, caller.center_id, q=q, limit=limit, cursor=cursor)
    return Listing(items=[LeaderShape.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{leader_id}")
async def one(kit: KitDep, caller: Reader, leader_id: Id) -> LeaderShape:
    async with kit.db.read() as tx:
        return LeaderShape.of(await people.one(tx, caller.center_id, leader_id))


@router.patch("/{leader_id}")
async def patch(kit: KitDep, caller: Operator, leader_id: Id, body: LeaderChanges) -> LeaderShape:
    """Change a leader. Hand-offs that are under way go to the new contact from now on."""
    return LeaderShape.of(await change_leader(kit, caller, leader_id, body.changes()))


class CodeShape(Shape):
    """A leader's personal code, shown this once. He types it on the page behind the link in the main group."""

    code: str


@router.post("/{leader_id}/code", status_code=status.HTTP_201_CREATED)
async def code(kit: KitDep, caller: Operator, leader_id: Id) -> CodeShape:
    """A fresh personal code, to be told in person; the one before opens nothing any more."""
    return CodeShape(code=await renew_code(kit, caller, leader_id))


@router.delete("/{leader_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(kit: KitDep, caller: Operator, leader_id: Id) -> None:
    """A leader leaves: his links open nothing any more, and what he has open goes to the next in line. Where a
    campaign's history needs his name he is kept as `left`."""
    await remove_leader(kit, caller, leader_id)
