"""The stream behind an open board: pieces of the page, said anew whenever a relay moves."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.domain.campaigns import service as campaigns
from app.web.curve import curve
from app.web.desk import Desk, Reads, piece
from app.web.fields import Id
from app.web.live import Seen, lookout
from app.web.progress import bar
from app.web.reader import Reader
from app.web.streams import while_welcome

router = APIRouter()


async def _here(desk: Reads, campaign_id: Id) -> str:
    """The id of a campaign of this center, looked up while a status can still say 404."""
    async with desk.kit.db.read() as tx:
        await campaigns.found(tx, desk.center_id, campaign_id)
    return campaign_id


@router.get("/campaigns/{campaign_id}/live", response_class=EventSourceResponse)
async def live(
    request: Request,
    desk: Reads,
    campaign_id: Annotated[str, Depends(_here)],
    *,
    after: int = 0,
    bare: bool = False,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterable[ServerSentEvent]:
    """From where the page was read, or after `Last-Event-ID`; ends when the service stops or the session is over. A
    `bare` page was read before the campaign was planned: once it is, the page had better ask for itself anew."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit():
        after = int(last_event_id)
    watching = lookout(request.app, desk.kit)
    news = watching.boards(desk.center_id, campaign_id, after=max(0, min(after, 2**62)))
    async for seen in while_welcome(request, desk, news):
        async for event in _said(desk, seen, anew=bare and seen.planned):
            yield event
        bare = bare and not seen.planned


async def _said(desk: Desk, seen: Seen, *, anew: bool) -> AsyncIterator[ServerSentEvent]:
    """The pieces of the page that are others now; by name what the page had better ask for itself."""
    reader = desk.reader.at(desk.kit.clock.now())
    key = (reader.tongue, str(reader.zone), reader.prefix)
    if key not in seen.pieces:
        seen.pieces[key] = _written(reader, seen)
    yield ServerSentEvent(id=str(seen.settled), raw_data=seen.pieces[key])
    if seen.stale or anew:
        yield ServerSentEvent(event="stale", raw_data="")
    elif seen.missing_moved:
        yield ServerSentEvent(event="missing", raw_data="")


def _written(reader: Reader, seen: Seen) -> str:
    pieces = piece(
        "board_live.html",
        reader,
        seen=seen,
        progress=seen.progress,
        bar=bar(seen.progress.counts),
        bar_of=bar,
        curve=curve(seen.timeline, reader.zone),
        zone_name=reader.zone_name,
    )
    return pieces.replace("\n", " ")
