"""Before the launch: what the draft would do, lane by lane, what stands in its way; then the launch itself, by one who
has said to how many groups."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.errors import Conflict
from app.core.filling import fill, names
from app.domain.access import service as access
from app.domain.campaigns import service as campaigns
from app.domain.campaigns.rules import Audience
from app.domain.campaigns.states import State
from app.domain.escalation.rules import read
from app.flows.brief import Campaign
from app.flows.launch import launch
from app.flows.preflight import preflight
from app.flows.preview_script import BY_HAND, Preview, measured
from app.reports.choices import by_platform
from app.reports.chosen import chosen
from app.reports.quorums import quorums
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.gantt import gantt
from app.web.previews import Shown, gathered, platform_name

router = APIRouter(prefix="/campaigns/{campaign_id}")

TYPED_FROM = 50
"""Above so many groups the launch asks for their number in writing."""


class Launch(BaseModel):
    """`groups`: as many as the operator knows he is about to reach."""

    groups: Annotated[str, Field(max_length=20)] = ""


@router.get("/preflight")
async def show(desk: Reads, campaign_id: Id) -> Response:
    """What would happen. Saves nothing."""
    return await preflight_page(desk, campaign_id)


@router.post("/launch")
async def start(desk: Operates, campaign_id: Id) -> Response:
    """Launch, if the number given is the number of groups now; a second tap finds it launched."""
    given = desk.fields(Launch).groups.strip()
    seen = await preflight(desk.kit, desk.caller, campaign_id)
    if given != str(seen.groups):
        return await preflight_page(desk, campaign_id, wrong="wrong_count")
    try:
        await launch(desk.kit, desk.caller, campaign_id)
    except Conflict as error:
        if error.code == "blocked":
            return await preflight_page(desk, campaign_id, wrong="wrong_blocked")
        if error.code != "wrong_state":
            raise
        return desk.go(f"/campaigns/{campaign_id}")
    async with desk.kit.db.read() as tx:
        waits = (await campaigns.found(tx, desk.center_id, campaign_id)).state is State.PENDING_APPROVAL
    return desk.go(f"/campaigns/{campaign_id}", said="submitted" if waits else "launched")


async def preflight_page(
    desk: Desk, campaign_id: str, *, wrong: str = "", status: int = 422, reason: str = ""
) -> Response:
    """What the draft would do, word for word; `wrong` is the phrase for what went wrong, `reason` why it shall
    go back, as it was written."""
    async with desk.kit.db.read() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
        center = await access.center(tx, desk.center_id)
        audience = Audience(**campaign.audience)
        platforms = await by_platform(tx, desk.center_id, audience)
        whom = await chosen(tx, desk.center_id, audience)
        alarms = await quorums(tx, campaign)
    if campaign.state not in (State.DRAFT, State.PENDING_APPROVAL):
        return desk.go(f"/campaigns/{campaign_id}")
    seen = await preflight(desk.kit, desk.caller, campaign_id)
    return desk.page(
        "preflight.html",
        status=status if wrong else 200,
        campaign=campaign,
        shown=contents(desk, campaign, list(platforms)),
        filled_later=any(names(body) for body in campaign.texts.values()),
        chosen=whom,
        alarms=alarms,
        needs_second=campaign.needs_approval or center.needs_approval,
        own=campaign.created_by == desk.caller.actor,
        reason_given=reason,
        recall=None,
        corrected_by=None,
        seen=seen,
        gantt=gantt(seen.lanes, zone=desk.reader.zone, quiet_zone=desk.who.timezone),
        steps=read(campaign.escalation),
        typed=seen.groups > TYPED_FROM,
        wrong=wrong,
        platform_name=platform_name,
        zone_name=desk.reader.zone_name,
    )


def contents(desk: Desk, campaign: Campaign, platforms: Sequence[str]) -> list[Shown]:
    """The texts as they are stored, with their values, and what each platform measures."""
    found: list[Preview] = []
    for name, body in campaign.texts.items():
        language, _, platform = name.partition("/")
        text = fill(body, {**{each: "{" + each + "}" for each in names(body)}, **campaign.variables})
        places = [platform] if platform else platforms or [BY_HAND]
        found += [measured(text, desk.kit.channels, platform=place, language=language) for place in places]
    return gathered(found)
