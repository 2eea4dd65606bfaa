"""The audit log: who changed what."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import JsonValue

from app.api.deps import KitDep, Owner
from app.api.shapes import Cursor, Limit, Listing, Shape
from app.core import audit

router = APIRouter(prefix="/audit", tags=["audit"])


class Entry(Shape):
    """`actor` did `action` to `subject`, an id; `detail` says more, never a secret."""

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, JsonValue]


@router.get("")
async def entries(kit: KitDep, caller: Owner, limit: Limit = 50, cursor: Cursor = None) -> Listing[Entry]:
    """What was changed in this center, newest first."""
    async with kit.db.read() as tx:
        page = await audit.entries(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing(items=[Entry.model_validate(entry) for entry in page.items], next_cursor=page.next_cursor)
