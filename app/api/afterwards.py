"""What a head does about a campaign that went out: have what failed posted once more."""

from fastapi import APIRouter, status
from pydantic import Field

from app.api.deps import KitDep, Operator
from app.api.shapes import Body, Id, Shape
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
