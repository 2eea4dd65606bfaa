"""Forget pictures: one that no campaign ever named and no leader showed as his proof is kept for a month after it was
last handed in, and then goes."""

from collections.abc import Sequence

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.pictures import store as pictures
from app.domain.pictures.rules import KEPT_UNNAMED
from app.domain.relays import store as relays
from app.flows.kit import Kit

BATCH = 500


async def forget_pictures(kit: Kit) -> int:
    """In the first minute of an hour, look at what is old, page by page. Whoever names one meanwhile keeps it."""
    if kit.clock.now().minute:
        return 0
    after: str | None = ""
    while after is not None:
        async with kit.db.read() as tx:
            before = tx.now - KEPT_UNNAMED
            found = await pictures.old(tx, before=before, after=after, limit=BATCH)
            nameless = set(found) - await _named(tx, found)
        if nameless:
            async with kit.db.write() as tx:
                nameless -= await _named(tx, found)
                await pictures.forget(tx, nameless, before=before)
        after = found[-1] if len(found) == BATCH else None
    return 0


async def _named(tx: Tx, picture_ids: Sequence[str]) -> set[str]:
    """Those of these pictures that something points at."""
    return await campaigns.naming(tx, picture_ids) | await relays.showing(tx, picture_ids)
