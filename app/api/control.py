"""What an operator tells a campaign under way, and the kill switch of a center."""

from datetime import datetime

from fastapi import APIRouter

from app.api.deps import KitDep, Operator, Stopper
from app.api.shapes import Id, Shape
from app.domain.access import service as access
from app.domain.campaigns import service as campaigns
from app.flows import control
from app.flows.kit import Kit
from app.reports.progress import status_of

router = APIRouter(tags=["control"])


class ToldShape(Shape):
    """A campaign that was told something. It has no counts: a stop does not wait until a million groups are counted."""

    id: str
    title: str
    status: str
    control: str


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
        status = await status_of(tx, campaign)
    return ToldShape(id=campaign.id, title=campaign.title, status=status, control=campaign.state.value)


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
