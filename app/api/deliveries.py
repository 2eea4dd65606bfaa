"""Each outbound message: where it stands, why it waits, and what a human found out about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape, listing
from app.core.errors import NotFound
from app.core.text import Line
from app.domain.campaigns import service as campaigns
from app.domain.deliveries.states import Kind, State
from app.flows import control
from app.flows.kit import Kit
from app.reports import ledger
from app.reports.why import why

router = APIRouter(tags=["deliveries"])


class DeliveryShape(Shape):
    """`part` counts from 1 to `parts`; a part comes to stand here when the one before it is sent."""

    id: str
    campaign_id: str
    kind: Kind
    relay_id: str | None
    group_id: str | None
    group_name: str | None
    leader_id: str | None
    leader_name: str | None
    account_id: str
    part: int
    parts: int
    state: State
    reason: str
    due_at: datetime
    expires_at: datetime
    tries: int
    resends: int
    message_id: str | None
    sent_at: datetime | None


class HoldShape(Shape):
    reason: str
    since: datetime
    until: datetime | None


class AttemptShape(Shape):
    started_at: datetime
    ended_at: datetime
    outcome: str
    code: str
    detail: str
    stale: bool


class WhyShape(Shape):
    """`why` is the answer as one sentence; the rest are the facts behind it."""

    delivery_id: str
    state: State
    why: str
    due_at: datetime
    expires_at: datetime
    holds: Sequence[HoldShape]
    attempts: Sequence[AttemptShape]


class Settlement(Body):
    outcome: Literal["sent", "not_sent"]
    note: Annotated[Line, Field(max_length=500)] = ""


@router.get("/campaigns/{campaign_id}/deliveries")
async def index(
    kit: KitDep,
    caller: Reader,
    campaign_id: Id,
    state: State | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[DeliveryShape]:
    async with kit.db.read() as tx:
        await campaigns.found(tx, caller.center_id, campaign_id)
        page = await ledger.deliveries(tx, caller.center_id, campaign_id, state=state, limit=limit, cursor=cursor)
    return Listing[DeliveryShape].model_validate(listing(DeliveryShape, page))


@router.get("/deliveries/{delivery_id}/why")
async def explain(kit: KitDep, caller: Reader, delivery_id: Id) -> WhyShape:
    """Why it waits, or what became of it, in one sentence and in fields."""
    return await _why(kit, caller.center_id, delivery_id)


@router.post("/deliveries/{delivery_id}/resolve")
async def resolve(kit: KitDep, caller: Operator, delivery_id: Id, body: Settlement) -> WhyShape:
    """Settle an uncertain delivery: it is there, or it is not and may be sent again. The first word counts."""
    await control.settle(kit, caller, delivery_id, sent=body.outcome == "sent", note=body.note)
    return await _why(kit, caller.center_id, delivery_id)


async def _why(kit: Kit, center_id: str, delivery_id: str) -> WhyShape:
    async with kit.db.read() as tx:
        found = await why(tx, center_id, delivery_id)
    if found is None:
        raise NotFound("delivery_not_found", "There is no such delivery in this center.")
    return WhyShape(
        delivery_id=delivery_id,
        state=found.delivery.state,
        why=found.sentence,
        due_at=found.delivery.due_at,
        expires_at=found.delivery.expires_at,
        holds=[HoldShape.model_validate(gate) for gate in found.holds],
        attempts=[AttemptShape.model_validate(attempt) for attempt in found.attempts],
    )
