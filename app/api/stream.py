"""A campaign's events as they happen: `relay`, `delivery`, `recall` and `campaign`."""

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.deps import KitDep, Reader
from app.api.shapes import Id
from app.domain.campaigns import service as campaigns
from app.flows.watch import watch

router = APIRouter(tags=["campaigns"])


async def _here(kit: KitDep, caller: Reader, campaign_id: Id) -> str:
    """The id of a campaign of this center, looked up before the stream begins: later no status is left to say 404."""
    async with kit.db.read() as tx:
        await campaigns.found(tx, caller.center_id, campaign_id)
    return campaign_id


@router.get("/campaigns/{campaign_id}/stream", response_class=EventSourceResponse)
async def stream(
    kit: KitDep,
    campaign_id: Annotated[str, Depends(_here)],
    request: Request,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterable[ServerSentEvent]:
    """Server-sent events from the beginning, or after `Last-Event-ID`; ends when the service stops."""
    after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0
    async for news in watch(kit, campaign_id, after=min(after, 2**62), stopping=request.app.state.stopping):
        if news is not None:
            yield ServerSentEvent(event=news.subject, id=str(news.seq), data=news)
        elif await request.is_disconnected():
            return
