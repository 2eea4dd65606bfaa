"""A second person's word on a campaign: he has its whole content before him, and agrees to exactly that, or sends it
back with a reason."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from app.core.errors import Conflict, Invalid
from app.core.text import Message
from app.domain.campaigns import service as campaigns
from app.flows.approve import approve, reject
from app.flows.preflight import preflight
from app.web.desk import Approves
from app.web.fields import Id
from app.web.launching import preflight_page

router = APIRouter(prefix="/campaigns/{campaign_id}")

_WRONG = {"blocked": "wrong_blocked", "content_changed": "wrong_content_changed", "same_person": "approve_own"}


class Agreed(BaseModel):
    """`groups`: as many as he knows he is about to reach; `fingerprint` stands for what he has read."""

    groups: Annotated[str, Field(max_length=20)] = ""
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SentBack(BaseModel):
    reason: Annotated[Message, AfterValidator(str.strip), Field(min_length=1, max_length=2_000)]


@router.post("/approve")
async def agree(desk: Approves, campaign_id: Id) -> Response:
    """Launch it, if it is what he has read and reaches as many groups as he has said."""
    told = desk.fields(Agreed)
    seen = await preflight(desk.kit, desk.caller, campaign_id)
    if told.groups.strip() != str(seen.groups):
        return await preflight_page(desk, campaign_id, wrong="wrong_count")
    try:
        await approve(desk.kit, desk.caller, campaign_id, fingerprint=told.fingerprint)
    except Conflict as error:
        if error.code in _WRONG:
            return await preflight_page(desk, campaign_id, wrong=_WRONG[error.code], status=409)
        raise
    return desk.go(f"/campaigns/{campaign_id}", said="approved")


@router.post("/reject")
async def send_back(desk: Approves, campaign_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        await campaigns.found(tx, desk.center_id, campaign_id)
    try:
        told = desk.fields(SentBack)
    except Invalid:
        return await preflight_page(desk, campaign_id, wrong="wrong_reason", reason=str(desk.sent("reason")))
    await reject(desk.kit, desk.caller, campaign_id, reason=told.reason)
    return desk.go(f"/campaigns/{campaign_id}", said="rejected")
