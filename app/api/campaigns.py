"""Campaigns: drafted once per key, looked at beforehand and launched."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response, status

from app.api.campaign_shape import CampaignShape, shape
from app.api.deps import KitDep, Operator, Reader
from app.api.idempotency import key_of
from app.api.new_campaign import NewCampaign
from app.api.shapes import Cursor, Id, Limit, Listing, Shape
from app.domain.campaigns import rules
from app.domain.campaigns.states import Cascade, Priority, Proof
from app.flows.draft import draft
from app.flows.launch import launch
from app.flows.preflight import preflight
from app.reports.campaigns import campaigns
from app.reports.progress import statuses

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


_LATER: Mapping[str, object] = {
    "approval": False,
    "picture": None,
    "pin": False,
    "cascade": Cascade.AT_ONCE,
    "quorum": [],
    "proof": Proof.WORDS,
}
"""Fields a key from before them does not know, and what it means all the same."""


class CampaignLine(Shape):
    """`state` is what the operator asked for, `status` what the ledger says, as in the campaign itself."""

    id: str
    title: str
    state: str
    status: str
    priority: Priority
    created_at: datetime
    launched_at: datetime | None


class LaneShape(Shape):
    account: str
    posts: int
    first_at: datetime
    last_at: datetime
    bound_by: str


class FindingShape(Shape):
    code: str
    message: str
    groups: int
    examples: Sequence[str]


class PreflightShape(Shape):
    groups: int
    lanes: Sequence[LaneShape]
    finish_at: datetime | None
    warnings: Sequence[FindingShape]
    blockers: Sequence[FindingShape]


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(
    kit: KitDep,
    caller: Operator,
    body: NewCampaign,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> CampaignShape:
    """A draft. The same `Idempotency-Key` with the same body answers the same campaign, with another body 422."""
    key = key_of(idempotency_key)
    left_out = {name for name, usual in _LATER.items() if getattr(body, name) == usual}
    asked = body.model_dump(mode="json", exclude=left_out)
    fingerprint = rules.fingerprint({**asked, "proof_percent": body.share})
    made = await draft(kit, caller, body.draft(), key=key, fingerprint=fingerprint, saved=body.audience.saved)
    if made.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return await shape(kit, caller.center_id, made.campaign.id)


@router.get("")
async def index(kit: KitDep, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Listing[CampaignLine]:
    async with kit.db.read() as tx:
        page = await campaigns(tx, caller.center_id, limit=limit, cursor=cursor)
        status_of = await statuses(tx, page.items)
    lines = [CampaignLine(**one.model_dump(), status=status_of[one.id]) for one in page.items]
    return Listing(items=lines, next_cursor=page.next_cursor)


@router.get("/{campaign_id}")
async def show(kit: KitDep, caller: Reader, campaign_id: Id) -> CampaignShape:
    return await shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/preflight")
async def look_ahead(kit: KitDep, caller: Reader, campaign_id: Id) -> PreflightShape:
    """What would happen, lane by lane. Saves nothing."""
    return PreflightShape.model_validate(await preflight(kit, caller, campaign_id))


@router.post("/{campaign_id}/launch", status_code=status.HTTP_202_ACCEPTED)
async def start(kit: KitDep, caller: Operator, campaign_id: Id) -> CampaignShape:
    """Freeze the draft and begin, or have it wait for a second person. 409 with the blockers where it cannot be."""
    await launch(kit, caller, campaign_id)
    return await shape(kit, caller.center_id, campaign_id)
