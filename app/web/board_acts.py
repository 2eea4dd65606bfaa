"""What an operator does to a campaign: pause, resume, cancel, and settling what nobody can know. Each is asked first,
with what it touches; each is a POST that leads back to the board."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.errors import NotFound
from app.core.text import Line
from app.domain.campaigns import service as campaigns
from app.flows import control
from app.reports.gauge import gauge
from app.reports.why import why
from app.web.desk import Operates
from app.web.fields import Id

router = APIRouter()

_VERBS = ("pause", "resume", "cancel")


class Settled(BaseModel):
    outcome: Literal["sent", "not_sent"]
    note: Annotated[Line, Field(max_length=500)] = ""


@router.get("/campaigns/{campaign_id}/ask/{verb}")
async def ask(desk: Operates, campaign_id: Id, verb: str) -> Response:
    """What would happen to how many groups."""
    if verb not in _VERBS:
        raise NotFound("unknown_verb", "A campaign knows no such thing.")
    async with desk.kit.db.read() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
        touched = await gauge(tx, campaign_id)
    return desk.ask(
        f"{verb}_campaign",
        action=f"/campaigns/{campaign_id}/{verb}",
        grave=verb == "cancel",
        title=campaign.title,
        **touched.__dict__,
    )


@router.post("/campaigns/{campaign_id}/pause")
async def pause(desk: Operates, campaign_id: Id) -> Response:
    await control.pause(desk.kit, desk.caller, campaign_id)
    return desk.go(f"/campaigns/{campaign_id}", said="paused")


@router.post("/campaigns/{campaign_id}/resume")
async def resume(desk: Operates, campaign_id: Id) -> Response:
    await control.resume(desk.kit, desk.caller, campaign_id)
    return desk.go(f"/campaigns/{campaign_id}", said="resumed")


@router.post("/campaigns/{campaign_id}/cancel")
async def cancel(desk: Operates, campaign_id: Id) -> Response:
    await control.cancel(desk.kit, desk.caller, campaign_id)
    return desk.go(f"/campaigns/{campaign_id}", said="cancelled")


@router.post("/deliveries/{delivery_id}/resolve")
async def resolve(desk: Operates, delivery_id: Id) -> Response:
    """Somebody looked into the group. The first word counts."""
    told = desk.fields(Settled)
    await control.settle(desk.kit, desk.caller, delivery_id, sent=told.outcome == "sent", note=told.note)
    async with desk.kit.db.read() as tx:
        found = await why(tx, desk.center_id, delivery_id)
    assert found is not None
    return desk.go(f"/campaigns/{found.delivery.campaign_id}/deliveries", said=f"settled_{told.outcome}")
