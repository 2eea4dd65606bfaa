"""Webhooks of other programs: an address that may be called, told of what happens from now on."""

from collections.abc import Sequence

from app.core import journal
from app.core.addresses import AddressRefused, Guard
from app.core.db import Tx
from app.core.errors import Invalid
from app.domain.access.rules import Caller
from app.domain.webhooks import service, store
from app.domain.webhooks.service import Made, Row
from app.domain.webhooks.states import Event
from app.flows.kit import Kit


async def subscribe(kit: Kit, caller: Caller, *, name: str, url: str, events: Sequence[Event]) -> Made:
    """Raises Invalid for an address that may not be called, Conflict where there are enough."""
    try:
        Guard(frozenset(kit.settings.allowed_hosts)).check(url)
    except AddressRefused as error:
        raise Invalid.field("/url", f"This address cannot be used: {error}.") from error
    async with kit.db.write() as tx:
        await _from_here(tx)
        center, actor = caller.center_id, caller.actor
        return await service.create(tx, center, name=name, url=url, events=events, vault=kit.vault, actor=actor)


async def change(
    kit: Kit, caller: Caller, webhook_id: str, *, events: Sequence[Event] | None = None, enabled: bool | None = None
) -> Row:
    """Raises NotFound."""
    async with kit.db.write() as tx:
        webhook = await service.one(tx, caller.center_id, webhook_id)
        if enabled:
            await _from_here(tx)
        return await service.change(tx, webhook, events=events, enabled=enabled, actor=caller.actor)


async def _from_here(tx: Tx) -> None:
    """Where nobody has listened until now, what is past is not read through."""
    if not await store.enabled(tx):
        await store.move_cursor(tx, await journal.newest(tx))
