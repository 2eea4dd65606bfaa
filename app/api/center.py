"""The center itself: its name, zone and language, its head, and its main group."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, Field

from app.api.deps import KitDep, Owner, Reader
from app.api.shapes import Body, Flag, Id, Shape
from app.core.text import Line, Name
from app.domain.access import service as access
from app.domain.directory.rules import language, timezone
from app.domain.directory.service import headquarters
from app.flows.kit import Kit

OWN = {"name", "timezone", "language", "needs_approval"}

router = APIRouter(prefix="/center", tags=["center"])


Zone = Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(timezone)]
Language = Annotated[Line, Field(min_length=1, max_length=32), AfterValidator(language)]


class CenterChanges(Body):
    """What to change; an absent field stays, null clears it. `head_id` is the leader who hears last when nobody else
    did; `main_group_id` the group the head posts in himself. With `needs_approval` every launch waits for
    a second person."""

    name: Name = "-"
    timezone: Zone | None = None
    language: Language | None = None
    head_id: Id | None = None
    main_group_id: Id | None = None
    needs_approval: Flag = False


class CenterShape(Shape):
    id: str
    name: str
    timezone: str | None
    language: str | None
    head_id: str | None
    main_group_id: str | None
    needs_approval: bool
    stopped_at: datetime | None


@router.get("")
async def show(kit: KitDep, caller: Reader) -> CenterShape:
    return await _shape(kit, caller.center_id)


@router.patch("")
async def patch(kit: KitDep, caller: Owner, body: CenterChanges) -> CenterShape:
    """Change the center. Campaigns under way keep their plan, and reach a new head from their next step on."""
    given = body.model_fields_set
    async with kit.db.write() as tx:
        own: dict[str, Any] = {name: getattr(body, name) for name in given & OWN}
        await access.change_center(tx, caller.center_id, own, actor=caller.actor)
        places = headquarters.Changes()
        if "head_id" in given:
            places["head_id"] = body.head_id
        if "main_group_id" in given:
            places["main_group_id"] = body.main_group_id
        await headquarters.change(tx, caller.center_id, places, actor=caller.actor)
    return await _shape(kit, caller.center_id)


async def _shape(kit: Kit, center_id: str) -> CenterShape:
    async with kit.db.read() as tx:
        center = await access.center(tx, center_id)
        places = await headquarters.one(tx, center_id)
    return CenterShape(
        **{name: getattr(center, name) for name in ("id", *sorted(OWN), "stopped_at")},
        head_id=places.head_id,
        main_group_id=places.main_group_id,
    )
