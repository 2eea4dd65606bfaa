"""Over time: a leader's record, the leaders in order of reliability, a group's history; exports and pools with them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from app.api import exports, pools
from app.api.deps import KitDep, Reader
from app.api.shapes import Cursor, Id, Limit, Listing, Shape, listing
from app.core.errors import Invalid, NotFound
from app.domain.directory.service import groups
from app.domain.relays.states import Evidence, Route, State, Via
from app.reports.group_history import history
from app.reports.hand_offs import Span
from app.reports.leader_record import ranked, record

router = APIRouter(tags=["over time"])
router.include_router(exports.router)
router.include_router(pools.router)

USUAL = timedelta(days=30)

Since = Annotated[AwareDatetime | None, Query(description="Hand-offs made from this moment on.")]
Until = Annotated[AwareDatetime | None, Query(description="Hand-offs made before this moment.")]


class TallyShape(Shape):
    """Hand-offs by what became of them. `others` ended without this leader; `median_minutes` runs from being asked to
    the confirmation; `reliability` is the share on time of all that were on time, late, missed or declined."""

    hand_offs: int
    on_time: int
    late: int
    missed: int
    declined: int
    others: int
    open: int
    nudges: int
    groups: int
    median_minutes: float | None
    reliability: float | None


class MonthShape(TallyShape):
    month: str


class RecordShape(TallyShape):
    """`streak` counts campaigns in a row without anything late, missed or declined; the months follow `timezone`."""

    leader_id: str
    leader: str
    timezone: str
    streak: int
    months: Sequence[MonthShape]


class RankedShape(Shape):
    leader_id: str
    leader: str
    hand_offs: int
    on_time: int
    late: int
    missed: int
    declined: int
    nudges: int
    reliability: float | None


class HistoryShape(Shape):
    campaign_id: str
    title: str
    drill: bool
    relay_id: str
    state: State
    route: Route | None
    via: Via | None
    evidence: Evidence | None
    proof_picture: str | None
    late: bool
    reason: str
    leader_id: str | None
    leader: str | None
    nudges: int
    starts_at: datetime
    deadline_at: datetime
    relayed_at: datetime | None
    changed_at: datetime


def _span(since: datetime | None, until: datetime | None) -> Span:
    if since is not None and until is not None and since >= until:
        raise Invalid.field("/query/until", "`until` lies after `since`.")
    return Span(since, until)


@router.get("/leaders/records")
async def in_order(
    kit: KitDep,
    caller: Reader,
    *,
    since: Since = None,
    until: Until = None,
    worst: Annotated[bool, Query(description="The least reliable first.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[RankedShape]:
    """Everyone who was asked, the most reliable first; without `since`, in the last 30 days."""
    async with kit.db.read() as tx:
        span = _span(since or (until or tx.now) - USUAL, until)
        page = await ranked(tx, caller.center_id, span, limit=limit, cursor=cursor, worst=worst)
    return Listing[RankedShape].model_validate(listing(RankedShape, page))


@router.get("/leaders/{leader_id}/record")
async def of_leader(
    kit: KitDep, caller: Reader, leader_id: Id, since: Since = None, until: Until = None
) -> RecordShape:
    """What a leader was asked for and what became of it, by month for a trend. Drills count for nothing."""
    async with kit.db.read() as tx:
        found = await record(tx, caller.center_id, leader_id, _span(since, until))
    if found is None:
        raise NotFound("leader_unknown", "There is no such leader.")
    months = [MonthShape(month=each.month, **each.tally.__dict__) for each in found.months]
    own = {name: getattr(found, name) for name in ("leader_id", "leader", "timezone", "streak")}
    return RecordShape(**own, **found.tally.__dict__, months=months)


@router.get("/groups/{group_id}/history")
async def of_group(
    kit: KitDep, caller: Reader, group_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Listing[HistoryShape]:
    """A group's campaigns, the newest first, and how each ended there."""
    async with kit.db.read() as tx:
        await groups.one(tx, caller.center_id, group_id)
        page = await history(tx, caller.center_id, group_id, limit=limit, cursor=cursor)
    return Listing[HistoryShape].model_validate(listing(HistoryShape, page))
