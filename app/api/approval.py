"""Approval of a campaign by a second person."""

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import AfterValidator, Field

from app.api.campaign_shape import CampaignShape, shape
from app.api.deps import Approver, KitDep
from app.api.shapes import Body, Id
from app.core.text import Message
from app.flows.approve import approve, reject

router = APIRouter(tags=["approval"])


class Agreement(Body):
    """`fingerprint` is the campaign's `approval.fingerprint` as the approver has read it."""

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Rejection(Body):
    reason: Annotated[Message, AfterValidator(str.strip), Field(min_length=1, max_length=2_000)]


@router.post("/campaigns/{campaign_id}/approve", status_code=status.HTTP_202_ACCEPTED)
async def agree(kit: KitDep, caller: Approver, campaign_id: Id, body: Agreement | None = None) -> CampaignShape:
    """Launch what waits for a second person. 409 for the person who drafted it, and where the content is another."""
    await approve(kit, caller, campaign_id, fingerprint=body.fingerprint if body else None)
    return await shape(kit, caller.center_id, campaign_id)


@router.post("/campaigns/{campaign_id}/reject")
async def send_back(kit: KitDep, caller: Approver, campaign_id: Id, body: Rejection) -> CampaignShape:
    """Back to a draft, with the reason."""
    await reject(kit, caller, campaign_id, reason=body.reason)
    return await shape(kit, caller.center_id, campaign_id)
