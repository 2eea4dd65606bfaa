"""A report that was shared: whoever has the link reads it until it ends or is taken back. Looking changes nothing, and
there is nothing else to do."""

from fastapi import APIRouter
from fastapi.responses import Response

from app.core.errors import AppError, NotFound
from app.domain.campaigns import service as campaigns
from app.domain.shares import service as shares
from app.reports.campaign_report import CampaignReport, campaign_report
from app.web.doors import At, Door
from app.web.gate import TooMany
from app.web.report import PATH, drawn, told

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.head("/{token}")
@router.get("/{token}")
async def show(at: At, token: str) -> Response:
    seen, names = await _opened(at, token)
    return at.page("report_shared.html", picture=f"{PATH}/{token}/report.svg", **told(seen, at.reader, names=names))


@router.get("/{token}/report.svg")
async def picture(at: At, token: str) -> Response:
    seen, _ = await _opened(at, token)
    return drawn(at.request, seen, at.reader)


async def _opened(at: Door, token: str) -> tuple[CampaignReport, bool]:
    """What this token shows, and whether with names. Raises NotFound the same way whatever is wrong with it."""
    async with at.kit.db.read() as tx:
        share = await shares.opened(tx, token)
        if share is None:
            raise _unknown(at)
        campaign = await campaigns.found(tx, share.center_id, share.campaign_id)
        seen = await campaign_report(tx, share.center_id, campaign)
    at.reader = at.reader.printed(seen.zone)
    return seen, share.names


def _unknown(at: Door) -> AppError:
    if at.wrong():
        return TooMany("too_many_unknown_links", "Too many unknown links from this address; wait a minute.")
    return NotFound("unknown_link", "This link is unknown or has expired.")
