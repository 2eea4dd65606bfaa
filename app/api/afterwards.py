"""What a head does about a campaign that went out: have what failed posted once more, take it back."""

from fastapi import APIRouter, status
from pydantic import Field

from app.api.campaign_shape import CampaignShape, shape
from app.api.deps import KitDep, Operator
from app.api.shapes import Body, Id, Shape
from app.flows.recall import recall
from app.flows.retry import retry

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


class Which(Body):
    """Some of the campaign's groups, or, without them, all."""

    groups: list[Id] | None = Field(default=None, min_length=1, max_length=10_000)


class Retried(Shape):
    """How many posts wait for their turn once more."""

    campaign_id: str
    retried: int


@router.post("/{campaign_id}/retry", status_code=status.HTTP_202_ACCEPTED)
async def once_more(kit: KitDep, caller: Operator, campaign_id: Id, body: Which | None = None) -> Retried:
    """Only what failed, and what expired unsent, is posted once more: never what stands or may stand. 409 unless the
    campaign is running or finished."""
    count = await retry(kit, caller, campaign_id, groups=body.groups if body else None)
    return Retried(campaign_id=campaign_id, retried=count)


@router.post("/{campaign_id}/recall", status_code=status.HTTP_202_ACCEPTED)
async def take_back(kit: KitDep, caller: Operator, campaign_id: Id, body: Which | None = None) -> CampaignShape:
    """What has not left is called off, what stands is taken back where its platform can, and the leaders who posted it
    are asked to delete it. Without `groups` the campaign is cancelled with it. `recall` in the answer says how far it
    is, and where nothing here can take it back."""
    await recall(kit, caller, campaign_id, groups=body.groups if body else None)
    return await shape(kit, caller.center_id, campaign_id)
