"""A campaign's report: to read, to print, to keep as a picture, and to show to somebody without a key."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.db import Tx
from app.domain.campaigns import service as campaigns
from app.domain.shares import service as shares
from app.reports.campaign_report import CampaignReport, campaign_report
from app.reports.missed import Missed
from app.web.board import notes
from app.web.curve import curve
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.forms import WRONG, Form, again
from app.web.pages import HEADERS, packed
from app.web.poster import poster
from app.web.previews import platform_name
from app.web.progress import bar
from app.web.reader import Reader

router = APIRouter(prefix="/campaigns/{campaign_id}")

PATH = "/s"
DAYS = (1, 7, 30)


class Wish(BaseModel):
    """For how many days the link is to live, and whether it says who the leaders are."""

    days: Annotated[int, Field(ge=1, le=90)] = 7
    names: bool = False


@router.get("/report")
async def show(desk: Reads, campaign_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        seen = await _report(desk, tx, campaign_id)
        noted = await notes(tx, campaign_id)
    return desk.page("report.html", campaign=seen.campaign, **noted, **told(seen, desk.reader, names=True))


@router.get("/report.svg")
async def picture(desk: Reads, campaign_id: Id) -> Response:
    """The report as one picture, in which every word is drawn by whoever looks at it."""
    async with desk.kit.db.read() as tx:
        seen = await _report(desk, tx, campaign_id)
    return drawn(desk.request, seen, desk.reader)


@router.get("/missed/print")
async def missed_on_paper(desk: Reads, campaign_id: Id) -> Response:
    """Everybody who did not get it on paper, with a box to tick."""
    async with desk.kit.db.read() as tx:
        seen = await _report(desk, tx, campaign_id)
        noted = await notes(tx, campaign_id)
    return desk.page("missed_print.html", campaign=seen.campaign, **noted, **told(seen, desk.reader, names=True))


@router.get("/report/share")
async def ask_share(desk: Operates, campaign_id: Id) -> Response:
    return await _shares(desk, campaign_id)


@router.post("/report/share")
async def share(desk: Operates, campaign_id: Id) -> Response:
    """The link is shown on the page that answers, and nowhere else."""
    try:
        wish = desk.fields(Wish)
    except WRONG as error:
        return await _shares(desk, campaign_id, form=again(desk, error))
    async with desk.kit.db.write() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
        token = await shares.share(
            tx,
            desk.center_id,
            campaign_id,
            names=wish.names,
            lasts=timedelta(days=wish.days),
            actor=desk.caller.actor,
        )
    return desk.page(
        "shown_once.html",
        about=campaign.title,
        back=f"/campaigns/{campaign_id}/report/share",
        secret=f"{desk.kit.settings.base_url}{PATH}/{token.text}",
        kind="share",
    )


@router.post("/report/shares/{share_id}/revoke")
async def revoke(desk: Operates, campaign_id: Id, share_id: Id) -> Response:
    async with desk.kit.db.write() as tx:
        await shares.revoke(tx, desk.center_id, campaign_id, share_id, actor=desk.caller.actor)
    return desk.go(f"/campaigns/{campaign_id}/report/share", said="share_revoked")


async def _shares(desk: Desk, campaign_id: str, *, form: Form | None = None) -> Response:
    async with desk.kit.db.read() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
        living = await shares.living(tx, campaign_id)
        noted = await notes(tx, campaign_id)
    asked = {"days": "7", "names": ""}
    return desk.page(
        "report_share.html",
        status=422 if form else 200,
        campaign=campaign,
        shares=living,
        form=form or Form(asked),
        choices=[str(days) for days in DAYS],
        **noted,
    )


async def _report(desk: Desk, tx: Tx, campaign_id: str) -> CampaignReport:
    campaign = await campaigns.found(tx, desk.center_id, campaign_id)
    seen = await campaign_report(tx, desk.center_id, campaign)
    desk.reader = desk.reader.printed(seen.zone)
    return seen


def told(seen: CampaignReport, reader: Reader, *, names: bool) -> dict[str, Any]:
    """What the pages of a report are made of. Without names no leader's name is among it, nor what anybody wrote."""
    return {
        "report": seen,
        "bar": bar(seen.progress.counts),
        "bar_of": bar,
        "curve": curve(seen.timeline, reader.zone),
        "zone_name": reader.zone_name,
        "platform_name": platform_name,
        "names": names,
        "rows": [(one, _why(one, reader, names=names)) for one in seen.missed],
    }


def _why(one: Missed, reader: Reader, *, names: bool) -> str:
    return reader.reason(one.reason) if names else reader.known_reason(one.reason)


def drawn(request: Any, seen: CampaignReport, reader: Reader) -> Response:
    text = poster(seen, reader)
    kept = {**HEADERS, "Content-Disposition": f'inline; filename="muster-{seen.campaign.id}.svg"'}
    return packed(text, request=request, status=200, headers=kept, media_type="image/svg+xml")
