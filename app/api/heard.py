"""What was heard from platforms: an account's events, and how lively a group is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import KitDep, Reader
from app.api.shapes import Cursor, Id, Limit, Listing, Shape, listing
from app.domain.accounts import service as accounts
from app.domain.directory.service import groups
from app.domain.inbox.states import Matter
from app.reports import heard as report

router = APIRouter(tags=["platform callbacks"])


class EventShape(Shape):
    """One thing a platform told by itself. `outcome` is what came of it; the words of a message are not shown."""

    id: str
    matter: Matter
    code: str
    delivery_id: str
    group_id: str | None
    group: str | None
    leader_id: str | None
    leader: str | None
    said_at: datetime | None
    received_at: datetime
    handled_at: datetime | None
    outcome: str


class SpeakerShape(Shape):
    leader_id: str
    leader: str
    words: int
    last_at: datetime


class ActivityShape(Shape):
    """`words`: messages that people wrote; `people`: how many they were."""

    since: datetime
    words: int
    people: int
    last_at: datetime | None
    leaders: Sequence[SpeakerShape]


@router.get("/accounts/{account_id}/events")
async def events(
    kit: KitDep, caller: Reader, account_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Listing[EventShape]:
    """What this account's platform told by itself, the newest first."""
    async with kit.db.read() as tx:
        await accounts.one(tx, caller.center_id, account_id)
        page = await report.heard(tx, caller.center_id, account_id, limit=limit, cursor=cursor)
    return Listing[EventShape].model_validate(listing(EventShape, page))


@router.get("/groups/{group_id}/activity")
async def activity(
    kit: KitDep, caller: Reader, group_id: Id, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> ActivityShape:
    """How much was written in a group of late, as far as its platform tells us."""
    async with kit.db.read() as tx:
        await groups.one(tx, caller.center_id, group_id)
        found = await report.activity(tx, group_id, tx.now - timedelta(days=days))
    return ActivityShape.model_validate(found)
