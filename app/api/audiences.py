"""Saved audiences: who is meant, kept under a name and counted as it stands now."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape
from app.core.errors import Invalid
from app.core.text import Line, Name
from app.domain.directory.service import audiences
from app.domain.directory.service.audiences import Counted

router = APIRouter(prefix="/audiences", tags=["directory"])


class AudienceBody(Body):
    """Branches (with all below them), tags and groups, united; none of them means every active group."""

    branches: list[Id] = Field(default_factory=list, max_length=1_000)
    tags: list[Annotated[Line, Field(min_length=1, max_length=100)]] = Field(default_factory=list, max_length=100)
    groups: list[Id] = Field(default_factory=list, max_length=10_000)
    exclude: list[Id] = Field(default_factory=list, max_length=10_000)


class ChosenAudience(AudienceBody):
    """A campaign's: lists as of an audience, or `saved`, the id of one that is kept, as it stands now."""

    saved: Id | None = None

    def sound(self) -> None:
        """Raises Invalid."""
        if self.saved is not None and self.model_fields_set != {"saved"}:
            raise Invalid.field("/audience/saved", "Give either saved or lists.", code="saved_or_lists")


class NewAudience(Body):
    name: Name
    audience: AudienceBody


class AudienceChanges(Body):
    """What to change; an absent field stays. `audience` is given whole."""

    name: Name = "-"
    audience: AudienceBody = Field(default_factory=AudienceBody)


class AudienceShape(Shape):
    """`count` is how many active groups are meant now; `gone` are the ids it names that are no more: until it is mended
    no campaign can use it."""

    id: str
    name: str
    audience: AudienceBody
    count: int
    gone: list[str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Counted) -> "AudienceShape":
        row = found.audience
        facts = row.model_dump(include={"id", "name", "created_at", "updated_at"})
        return cls(**facts, audience=AudienceBody(**row.lists), count=found.groups, gone=found.gone)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, body: NewAudience) -> AudienceShape:
    """An audience under a name; a campaign uses it as `audience: {"saved": "aud_…"}`."""
    async with kit.db.write() as tx:
        lists = body.audience.model_dump()
        made = await audiences.create(tx, caller.center_id, name=body.name, lists=lists, actor=caller.actor)
        return AudienceShape.of(await audiences.counted(tx, made))


@router.get("")
async def listed(kit: KitDep, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Listing[AudienceShape]:
    async with kit.db.read() as tx:
        page = await audiences.listed(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing(items=[AudienceShape.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{audience_id}")
async def one(kit: KitDep, caller: Reader, audience_id: Id) -> AudienceShape:
    async with kit.db.read() as tx:
        found = await audiences.one(tx, caller.center_id, audience_id)
        return AudienceShape.of(await audiences.counted(tx, found))


@router.patch("/{audience_id}")
async def patch(kit: KitDep, caller: Operator, audience_id: Id, body: AudienceChanges) -> AudienceShape:
    """Change the name or the lists. Campaigns that were drafted before keep theirs."""
    given = body.model_fields_set
    async with kit.db.write() as tx:
        found = await audiences.one(tx, caller.center_id, audience_id)
        name = body.name if "name" in given else found.name
        lists = body.audience.model_dump() if "audience" in given else found.lists
        changed = await audiences.change(tx, found, name=name, lists=lists, actor=caller.actor)
        return AudienceShape.of(await audiences.counted(tx, changed))


@router.delete("/{audience_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(kit: KitDep, caller: Operator, audience_id: Id) -> None:
    async with kit.db.write() as tx:
        await audiences.remove(tx, await audiences.one(tx, caller.center_id, audience_id), actor=caller.actor)
