"""Outgoing webhooks under Settings: who is told of what, each try, and a switch."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.errors import Invalid
from app.core.text import Line, Name
from app.domain.webhooks import service
from app.domain.webhooks.states import Event
from app.flows import webhooks
from app.web.desk import Desk, Owns
from app.web.fields import Id, shaped
from app.web.forms import WRONG, Form, again

router = APIRouter(prefix="/settings/webhooks")

ROWS = 50
OFFERED = [event for event in Event if event is not Event.PING]


class WebhookForm(BaseModel):
    name: Name
    endpoint: Annotated[Line, Field(min_length=1, max_length=2_000)]


@router.get("")
async def index(desk: Owns, cursor: str | None = None) -> Response:
    return await _index(desk, cursor=cursor)


@router.post("")
async def create(desk: Owns) -> Response:
    """The signing secret is shown on the page that answers, and nowhere else."""
    chosen = _chosen(desk)
    try:
        told = shaped(WebhookForm, {"name": desk.sent("name"), "endpoint": str(desk.sent("endpoint")).strip()})
        if not chosen:
            raise Invalid.field("/events", "Choose at least one event.")
        made = await webhooks.subscribe(desk.kit, desk.caller, name=told.name, url=told.endpoint, events=chosen)
    except WRONG as error:
        ticked = [event.value for event in chosen]
        return await _index(desk, form=again(desk, error, shown={"url": "endpoint"}), chosen=ticked)
    back = f"/settings/webhooks/{made.webhook.id}"
    return desk.page("shown_once.html", about=made.webhook.name, back=back, secret=made.secret, kind="webhook")


@router.get("/{webhook_id}")
async def show(desk: Owns, webhook_id: Id, cursor: str | None = None) -> Response:
    """What it hears of, and what came of each try."""
    async with desk.kit.db.read() as tx:
        webhook = await service.one(tx, desk.center_id, webhook_id)
        page = await service.tries(tx, webhook_id, limit=ROWS, cursor=cursor or None)
    return desk.page("webhook.html", webhook=webhook, tries=page.items, cursor=page.next_cursor, events=OFFERED)


@router.post("/{webhook_id}")
async def change(desk: Owns, webhook_id: Id) -> Response:
    chosen = _chosen(desk)
    if not chosen:
        raise Invalid.field("/events", "Choose at least one event.", code="no_events")
    await webhooks.change(desk.kit, desk.caller, webhook_id, events=chosen)
    return desk.go(f"/settings/webhooks/{webhook_id}", said="webhook_kept")


@router.get("/{webhook_id}/ask/off")
async def ask_off(desk: Owns, webhook_id: Id) -> Response:
    return await _ask(desk, webhook_id, "off")


@router.get("/{webhook_id}/ask/remove")
async def ask_remove(desk: Owns, webhook_id: Id) -> Response:
    return await _ask(desk, webhook_id, "remove")


@router.post("/{webhook_id}/off")
async def off(desk: Owns, webhook_id: Id) -> Response:
    await webhooks.change(desk.kit, desk.caller, webhook_id, enabled=False)
    return desk.go(f"/settings/webhooks/{webhook_id}", said="webhook_off")


@router.post("/{webhook_id}/on")
async def on(desk: Owns, webhook_id: Id) -> Response:
    await webhooks.change(desk.kit, desk.caller, webhook_id, enabled=True)
    return desk.go(f"/settings/webhooks/{webhook_id}", said="webhook_on")


@router.post("/{webhook_id}/ping")
async def ping(desk: Owns, webhook_id: Id) -> Response:
    async with desk.kit.db.write() as tx:
        webhook = await service.one(tx, desk.center_id, webhook_id)
        await service.ping(tx, webhook, actor=desk.caller.actor)
    return desk.go(f"/settings/webhooks/{webhook_id}", said="webhook_pinged")


@router.post("/{webhook_id}/remove")
async def remove(desk: Owns, webhook_id: Id) -> Response:
    async with desk.kit.db.write() as tx:
        webhook = await service.one(tx, desk.center_id, webhook_id)
        await service.remove(tx, webhook, actor=desk.caller.actor)
    return desk.go("/settings/webhooks", said="webhook_gone")


def _chosen(desk: Desk) -> list[Event]:
    """The events that were ticked; what is none of ours is left out."""
    ticked = desk.form.getlist("events") if desk.form else []
    return [event for event in OFFERED if event.value in ticked]


async def _ask(desk: Desk, webhook_id: str, what: str) -> Response:
    async with desk.kit.db.read() as tx:
        webhook = await service.one(tx, desk.center_id, webhook_id)
    action = f"/settings/webhooks/{webhook_id}/{what}"
    return desk.ask(f"webhook_{what}", action=action, grave=True, name=webhook.name)


async def _index(
    desk: Desk, *, cursor: str | None = None, form: Form | None = None, chosen: list[str] | None = None
) -> Response:
    async with desk.kit.db.read() as tx:
        page = await service.listed(tx, desk.center_id, limit=ROWS, cursor=cursor or None)
    return desk.page(
        "webhooks.html",
        status=422 if form else 200,
        rows=page.items,
        cursor=page.next_cursor,
        form=form or Form(),
        chosen=chosen if chosen is not None else ["campaign.finished", "relay.missed", "relay.failed"],
        events=OFFERED,
    )
