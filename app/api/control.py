"""What an operator tells a campaign under way, and the kill switch of a center."""

from datetime import datetime

from fastapi import APIRouter

from app.api.deps import KitDep, Operator, Stopper
from app.api.shapes import Id, Shape
from app.domain.access import service as access
from app.domain.campaigns import service as campaigns
from app.flows import control
from app.flows.kit import Kit
from app.reports.progress import larger, progress, status_of

router = APIRouter(tags=["control"])

MOST_COUNTED = 20_000
"""So many relays are counted in some 20 ms; the answer to a stop has 100."""


class ToldShape(Shape):
    """A campaign that was told something. `groups` and `counts` are those of `GET /campaigns/{id}`, read once what was
    told stands; null above 20,000 groups: a stop does not wait until a million groups are counted."""

    id: str
    title: str
    status: str
    control: str
    groups: int | None
    counts: dict[str, int] | None


class CenterShape(Shape):
    id: str
    name: str
    stopped_at: datetime | None


@router.post("/campaigns/{campaign_id}/pause")
async def pause(kit: KitDep, caller: Operator, campaign_id: Id) -> ToldShape:
    await control.pause(kit, caller, campaign_id)
    return await _told(kit, caller.center_id, campaign_id)


@router.post("/campaigns/{campaign_id}/resume")
async def resume(kit: KitDep, caller: Operator, campaign_id: Id) -> ToldShape:
    await control.resume(kit, caller, campaign_id)
    return await _told(kit, caller.center_id, campaign_id)


@router.post("/campaigns/{campaign_id}/cancel")
async def cancel(kit: KitDep, caller: Operator, campaign_id: Id) -> ToldShape:
    """What has not left will not leave. Cancelling twice is the same as once."""
    await control.cancel(kit, caller, campaign_id)
    return await _told(kit, caller.center_id, campaign_id)


async def _told(kit: Kit, center_id: str, campaign_id: str) -> ToldShape:
    async with kit.db.read() as tx:
        campaign = await campaigns.found(tx, center_id, campaign_id)
        seen = None if await larger(tx, campaign_id, than=MOST_COUNTED) else await progress(tx, campaign)
        status = seen.status if seen else await status_of(tx, campaign)
    return ToldShape(
        id=campaign.id,
        title=campaign.title,
        status=status,
        control=campaign.state.value,
        groups=seen.groups if seen else None,
        counts=seen.counts if seen else None,
    )


@router.post("/stop")
async def stop(kit: KitDep, caller: Stopper) -> CenterShape:
    """Nothing of this center leaves from now on. Stopping twice is the same as once."""
    await control.stop(kit, caller)
    return await _center(kit, caller.center_id)


@router.post("/start")
async def start(kit: KitDep, caller: Stopper) -> CenterShape:
    await control.start(kit, caller)
    return await _center(kit, caller.center_id)


async def _center(kit: Kit, center_id: str) -> CenterShape:
    async with kit.db.read() as tx:
        return CenterShape.model_validate(await access.center(tx, center_id))
