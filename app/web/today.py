"""Today: what runs, what went wrong, what comes next; each leads to where something can be done about it."""

from collections.abc import AsyncIterable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.web.desk import Desk, Reads, piece
from app.web.nav import entries
from app.web.overview import Glance, glance, overlook
from app.web.progress import bar
from app.web.reader import Reader
from app.web.streams import while_welcome

router = APIRouter()


@router.get("/")
async def show(desk: Reads) -> Response:
    async with desk.kit.db.read() as tx:
        seen = await glance(tx, desk.center_id)
    return desk.page("today.html", **_shown(seen, _ways(desk)))


@router.get("/today/live", response_class=EventSourceResponse)
async def live(request: Request, desk: Reads) -> AsyncIterable[ServerSentEvent]:
    """The page's inside as it stands, then whenever it is another; ends when the service stops or the session is
    over."""
    ways = _ways(desk)
    async for seen in while_welcome(request, desk, overlook(request.app, desk.kit).glances(desk.center_id)):
        reader = desk.reader.at(desk.kit.clock.now())
        key = (reader.tongue, str(reader.zone), reader.prefix, *ways)
        if key not in seen.pieces:
            seen.pieces[key] = _written(reader, seen, ways)
        yield ServerSentEvent(raw_data=seen.pieces[key])


def _written(reader: Reader, seen: Glance, ways: Sequence[str]) -> str:
    return piece("today_live.html", reader, **_shown(seen, ways)).replace("\n", " ")


def _ways(desk: Desk) -> list[str]:
    """The pages this reader may see, by name."""
    return [entry.name for entry in entries(desk.caller)]


def _shown(seen: Glance, ways: Sequence[str]) -> dict[str, Any]:
    under_way = seen.today.under_way
    return {
        "today": seen.today,
        "running": [(one, bar(one.counts)) for one in under_way if not one.finished],
        "done": [(one, bar(one.counts)) for one in under_way if one.finished],
        "missing": [one for one in under_way if one.missing],
        "orphans": seen.orphans,
        "alarms": seen.alarms,
        "steps": seen.steps,
        "ways": ways,
    }
