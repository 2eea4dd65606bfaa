"""Outgoing webhooks: another program hears of what happens, signed by Standard Webhooks; each try can be looked up."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import Field

from app.api.deps import KitDep, Owner
from app.api.shapes import Body, Cursor, Flag, Id, Limit, Listing, Shape, listing
from app.core.text import Line, Name
from app.domain.webhooks import service
from app.domain.webhooks.states import Event, State
from app.flows import webhooks

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

Events = Annotated[list[Event], Field(min_length=1, max_length=len(Event))]


class NewWebhook(Body):
    """`url`: https, of a public host or of one in `MUSTER_ALLOWED_HOSTS`."""

    name: Name
    url: Annotated[Line, Field(min_length=1, max_length=2_000)]
    events: Events


class WebhookChanges(Body):
    """What to change; an absent field stays."""

    events: Events | None = None
    enabled: Flag | None = None


class WebhookShape(Shape):
    """`address` shows the host alone. `failing_since`: since when every try has failed."""

    id: str
    name: str
    address: str
    events: list[Event]
    enabled: bool
    disabled_reason: str
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


class FreshWebhook(WebhookShape):
    """`secret` signs what is sent, and is shown this once."""

    secret: str


class AttemptShape(Shape):
    """One try: `notice_id` went with it as `webhook-id`. `state` is the notice's now; while it is due, it is said again
    at `due_at`."""

    id: str
    notice_id: str
    event: Event
    number: int
    at: datetime
    taken: bool
    status: int | None
    detail: str
    state: State
    due_at: datetime


class Pinged(Shape):
    notice_id: str


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Owner, body: NewWebhook) -> FreshWebhook:
    """Told of what happens from now on. Keep the secret: it is shown once."""
    made = await webhooks.subscribe(kit, caller, name=body.name, url=body.url, events=body.events)
    return FreshWebhook(**WebhookShape.model_validate(made.webhook).model_dump(), secret=made.secret)


@router.get("")
async def index(kit: KitDep, caller: Owner, limit: Limit = 50, cursor: Cursor = None) -> Listing[WebhookShape]:
    async with kit.db.read() as tx:
        page = await service.listed(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing[WebhookShape].model_validate(listing(WebhookShape, page))


@router.get("/{webhook_id}")
async def show(kit: KitDep, caller: Owner, webhook_id: Id) -> WebhookShape:
    async with kit.db.read() as tx:
        return WebhookShape.model_validate(await service.one(tx, caller.center_id, webhook_id))


@router.patch("/{webhook_id}")
async def patch(kit: KitDep, caller: Owner, webhook_id: Id, body: WebhookChanges) -> WebhookShape:
    """Switched off it hears of nothing, nor of what waited; switched on, of what happens from then on."""
    changed = await webhooks.change(kit, caller, webhook_id, events=body.events, enabled=body.enabled)
    return WebhookShape.model_validate(changed)


@router.delete("/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(kit: KitDep, caller: Owner, webhook_id: Id) -> None:
    async with kit.db.write() as tx:
        await service.remove(tx, await service.one(tx, caller.center_id, webhook_id), actor=caller.actor)


@router.post("/{webhook_id}/ping", status_code=status.HTTP_202_ACCEPTED)
async def ping(kit: KitDep, caller: Owner, webhook_id: Id) -> Pinged:
    """Have it told a `ping`; its attempts show what came of it."""
    async with kit.db.write() as tx:
        webhook = await service.one(tx, caller.center_id, webhook_id)
        return Pinged(notice_id=await service.ping(tx, webhook, actor=caller.actor))


@router.get("/{webhook_id}/attempts")
async def attempts(
    kit: KitDep, caller: Owner, webhook_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Listing[AttemptShape]:
    """Each try to tell it, the newest first."""
    async with kit.db.read() as tx:
        await service.one(tx, caller.center_id, webhook_id)
        page = await service.tries(tx, webhook_id, limit=limit, cursor=cursor)
    return Listing[AttemptShape].model_validate(listing(AttemptShape, page))
