"""The missed list and the tree over ten times as many relays."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, update
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.flows.kit import Kit
from app.reports.missed import missed
from app.reports.tree import tree
from bench.cast import groups, kind, kit_on, launched, people
from bench.measure import Figure, timed

PAGE = 200


async def scene(url: str, count: int) -> list[Figure]:
    """The missed list and the tree of a campaign with ten times as many relays, one in a hundred of them missed; beside
    them the bare ids of that list, and the bare count of that tree."""
    count *= 10
    async with kit_on(url, "127.0.0.1") as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=None)
        campaign = await launched(kit, caller, "relays")
        await _miss(kit, campaign.id)
        list_ms = await _best_ms(kit, lambda tx: _listed(tx, caller.center_id, campaign.id))
        tree_ms = await _best_ms(kit, lambda tx: tree(tx, caller.center_id, campaign.id))
        ours = col(Relay.campaign_id) == campaign.id
        ids = columns(col(Relay.id)).where(ours, col(Relay.state) == State.MISSED).limit(PAGE)
        ids_ms = await _best_ms(kit, lambda tx: tx.table(ids))
        count_ms = await _best_ms(kit, lambda tx: tx.table(columns(func.count()).where(ours)))
    name = kind(url)
    return [
        Figure(f"{name}: missed list over {count:,} relays", list_ms, "ms", ids_ms, "≤ 10 ms", list_ms <= 10),
        Figure(f"{name}: tree of {count:,} relays", tree_ms, "ms", count_ms, "≤ 50 ms", tree_ms <= 50),
    ]


async def _miss(kit: Kit, campaign_id: str) -> None:
    """One relay in a hundred is missed; all others are relayed."""
    async with kit.db.write() as tx:
        await tx.run(update(Relay).where(col(Relay.campaign_id) == campaign_id).values(state=State.RELAYED))
        relays = await tx.table(columns(col(Relay.id)).where(col(Relay.campaign_id) == campaign_id))
        missing = update(Relay).where(among(col(Relay.id), [row.id for row in relays[::100]]))
        await tx.run(missing.values(state=State.MISSED))


async def _listed(tx: Tx, center_id: str, campaign_id: str) -> bool:
    page = await missed(tx, center_id, campaign_id, limit=PAGE, cursor=None)
    return len(page.items) == PAGE


async def _best_ms(kit: Kit, ask: Callable[[Tx], Awaitable[Any]]) -> float:
    """The best of five times, each read afresh."""
    best = 1e9
    for _ in range(5):
        with timed() as watch:
            async with kit.db.read() as tx:
                assert await ask(tx)
        best = min(best, watch.seconds * 1000)
    return best
