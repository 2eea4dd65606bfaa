"""The stream behind an open board: pieces of the page, said anew whenever a relay moves."""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.domain.campaigns import service as campaigns
from app.flows.sign_in import signed_in
from app.web.cookies import session_token
from app.web.curve import curve
from app.web.desk import Desk, Reads, piece
from app.web.fields import Id
from app.web.live import Seen, lookout
from app.web.progress import bar
from app.web.reader import Reader

router = APIRouter()

ASKED_EVERY = timedelta(seconds=30)
"""How often a stream asks whether its session still stands."""


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
    after: int = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterable[ServerSentEvent]:
    """From where the page was read, or after `Last-Event-ID`; ends when the service stops or the session is over."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit():
        after = int(last_event_id)
    watching = lookout(request.app, desk.kit)
    asked = desk.kit.clock.now()
    async for seen in watching.boards(desk.center_id, campaign_id, after=max(0, min(after, 2**62))):
        now = desk.kit.clock.now()
        if now - asked > ASKED_EVERY:
            asked = now
            if await signed_in(desk.kit, session_token(request, desk.kit) or "") is None:
                return
        if seen is None:
            if await request.is_disconnected():
                return
            continue
        async for event in _said(desk, seen):
            yield event


async def _said(desk: Desk, seen: Seen) -> AsyncIterator[ServerSentEvent]:
    """The pieces of the page that are others now; by name what the page had better ask for itself."""
    reader = desk.reader.at(desk.kit.clock.now())
    key = (reader.tongue, str(reader.zone), reader.prefix)
    if key not in seen.pieces:
        seen.pieces[key] = _written(reader, seen)
    yield ServerSentEvent(id=str(seen.settled), raw_data=seen.pieces[key])
    if seen.stale:
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
