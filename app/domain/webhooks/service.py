"""Outgoing webhooks: subscribed to by an owner, with a secret that is shown once; switched off, on, and removed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core import audit, ids, paging
from app.core.db import Tx
from app.core.errors import Conflict, NotFound
from app.core.secrets import Vault
from app.domain.webhooks import rules, store
from app.domain.webhooks.states import Event, State
from app.domain.webhooks.tables import Webhook

Row = Webhook


@dataclass(frozen=True)
class Made:
    """A fresh webhook and its signing secret, which is shown this once."""

    webhook: Webhook
    secret: str = field(repr=False)


async def one(tx: Tx, center_id: str, webhook_id: str) -> Webhook:
    """Raises NotFound."""
    found = await store.find(tx, center_id, webhook_id)
    if found is None:
        raise NotFound("webhook_unknown", "There is no such webhook.")
    return found


async def listed(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Webhook]:
    return await store.page(tx, center_id, limit=limit, cursor=cursor)


async def create(
    tx: Tx, center_id: str, *, name: str, url: str, events: Sequence[Event], vault: Vault, actor: str
) -> Made:
    """It hears of what happens from now on. Raises Conflict where a center has enough of them."""
    if await store.count(tx, center_id) >= rules.MOST:
        raise Conflict("too_many_webhooks", f"A center has at most {rules.MOST} webhooks; remove one first.")
    webhook_id, secret = ids.new("whk"), rules.new_secret()
    row: dict[str, Any] = {
        "id": webhook_id,
        "center_id": center_id,
        "name": name,
        "address": rules.masked(url),
        "secret_box": vault.seal(webhook_id, {"secret": secret, "url": url}),
        "events": sorted({event.value for event in events}),
        "enabled": True,
        "disabled_reason": "",
        "since_at": tx.now,
        "failing_since": None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    await store.add(tx, row)
    detail = {"name": name, "address": row["address"], "events": row["events"]}
    await audit.note(tx, center_id, actor=actor, action="webhook.create", subject=webhook_id, **detail)
    return Made(await one(tx, center_id, webhook_id), secret)


async def change(tx: Tx, webhook: Webhook, *, events: Sequence[Event] | None, enabled: bool | None, actor: str) -> Row:
    """Switched on it hears of what happens from then on; switched off it hears of nothing, nor of what waited."""
    values: dict[str, Any] = {}
    if events is not None:
        values["events"] = sorted({event.value for event in events})
    if enabled is False and webhook.enabled:
        values |= {"enabled": False, "disabled_reason": f"switched off by {actor}"}
        await store.give_up_all(tx, webhook.id)
    if enabled is True and not webhook.enabled:
        values |= {"enabled": True, "disabled_reason": "", "failing_since": None, "since_at": tx.now}
    if values:
        await store.change(tx, webhook.id, **values)
        told = {name: value for name, value in values.items() if name in {"events", "enabled"}}
        await audit.note(
            tx, webhook.center_id, actor=actor, action="webhook.change", subject=webhook.id, name=webhook.name, **told
        )
    return await one(tx, webhook.center_id, webhook.id)


async def switch_off(tx: Tx, webhook: Webhook, *, reason: str) -> None:
    """By Muster itself, for this reason; what waited is given up."""
    await store.change(tx, webhook.id, enabled=False, disabled_reason=reason)
    await store.give_up_all(tx, webhook.id)
    detail = {"name": webhook.name, "reason": reason}
    await audit.note(tx, webhook.center_id, actor="muster", action="webhook.switch_off", subject=webhook.id, **detail)


async def remove(tx: Tx, webhook: Webhook, *, actor: str) -> None:
    await store.remove(tx, webhook.id)
    await audit.note(tx, webhook.center_id, actor=actor, action="webhook.delete", subject=webhook.id, name=webhook.name)


async def tries(tx: Tx, webhook_id: str, *, limit: int, cursor: str | None) -> paging.Page[Any]:
    """Each try to tell this webhook, the newest first, with what has become of its notice."""
    return await store.tries(tx, webhook_id, limit=limit, cursor=cursor)


async def ping(tx: Tx, webhook: Webhook, *, actor: str) -> str:
    """Have it told that it can be told. Raises Conflict where it is switched off."""
    if not webhook.enabled:
        raise Conflict("webhook_off", "This webhook is switched off; switch it on first.")
    notice_id = ids.new("msg")
    row = notice(webhook.id, notice_id, Event.PING, data={"webhook_id": webhook.id}, at=tx.now, now=tx.now)
    await store.keep(tx, [row])
    await audit.note(tx, webhook.center_id, actor=actor, action="webhook.ping", subject=webhook.id, name=webhook.name)
    return notice_id


def notice(webhook_id: str, notice_id: str, event: Event, *, data: dict[str, Any], at: Any, now: Any) -> dict[str, Any]:
    """One row to tell of one event; the body is what is sent, the same at every try."""
    return {
        "id": notice_id,
        "webhook_id": webhook_id,
        "event": event,
        "body": {"type": event.value, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "data": data},
        "state": State.DUE,
        "due_at": now,
        "tries": 0,
        "created_at": now,
    }
