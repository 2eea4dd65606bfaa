"""Today: what runs, what went wrong, what comes next; each leads to where something can be done about it."""

from fastapi import APIRouter
from fastapi.responses import Response

from app.reports.orphans import orphans
from app.reports.quorums import rung
from app.reports.today import today
from app.web.desk import Reads
from app.web.progress import bar

router = APIRouter()


@router.get("/")
async def show(desk: Reads) -> Response:
    async with desk.kit.db.read() as tx:
        seen = await today(tx, desk.center_id)
        alone = await orphans(tx, desk.center_id)
        alarms = await rung(tx, desk.center_id)
    running = [one for one in seen.under_way if not one.finished]
    return desk.page(
        "today.html",
        today=seen,
        running=[(one, bar(one.counts)) for one in running],
        done=[(one, bar(one.counts)) for one in seen.under_way if one.finished],
        missing=[one for one in seen.under_way if one.missing],
        orphans=alone,
        alarms=alarms,
    )
