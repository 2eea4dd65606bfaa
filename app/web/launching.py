"""Before the launch: what the draft would do, lane by lane, what stands in its way; then the launch itself, by one who
has said to how many groups."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.errors import Conflict
from app.domain.campaigns import service as campaigns
from app.domain.campaigns.states import State
from app.domain.escalation.rules import read
from app.flows.launch import launch
from app.flows.preflight import preflight
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.gantt import gantt

router = APIRouter(prefix="/campaigns/{campaign_id}")

TYPED_FROM = 50
"""Above so many groups the launch asks for their number in writing."""


class Launch(BaseModel):
    """`groups`: as many as the operator knows he is about to reach."""

    groups: Annotated[str, Field(max_length=20)] = ""


@router.get("/preflight")
async def show(desk: Reads, campaign_id: Id) -> Response:
    """What would happen. Saves nothing."""
    return await _page(desk, campaign_id)


@router.post("/launch")
async def start(desk: Operates, campaign_id: Id) -> Response:
    """Launch, if the number given is the number of groups now; a second tap finds it launched."""
    given = desk.fields(Launch).groups.strip()
    seen = await preflight(desk.kit, desk.caller, campaign_id)
    if given != str(seen.groups):
        return await _page(desk, campaign_id, wrong="wrong_count")
    try:
        await launch(desk.kit, desk.caller, campaign_id)
    except Conflict as error:
        if error.code == "blocked":
            return await _page(desk, campaign_id, wrong="wrong_blocked")
        if error.code != "wrong_state":
            raise
        return desk.go(f"/campaigns/{campaign_id}")
    return desk.go(f"/campaigns/{campaign_id}", said="launched")


async def _page(desk: Desk, campaign_id: str, *, wrong: str = "") -> Response:
    async with desk.kit.db.read() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
    if campaign.state not in (State.DRAFT, State.PENDING_APPROVAL):
        return desk.go(f"/campaigns/{campaign_id}")
    seen = await preflight(desk.kit, desk.caller, campaign_id)
    return desk.page(
        "preflight.html",
        status=422 if wrong else 200,
        campaign=campaign,
        seen=seen,
        gantt=gantt(seen.lanes, zone=desk.reader.zone, quiet_zone=desk.who.timezone),
        steps=read(campaign.escalation),
        typed=seen.groups > TYPED_FROM,
        wrong=wrong,
        zone_name=desk.reader.zone_name,
    )
