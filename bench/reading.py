"""The missed list over ten times as many relays."""

from sqlalchemy import select as columns
from sqlalchemy import update
from sqlmodel import col

from app.core.bulk import among
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.flows.kit import Kit
from app.reports.missed import missed
from bench.cast import groups, kind, kit_on, launched, people
from bench.measure import Figure, timed


async def scene(url: str, count: int) -> list[Figure]:
    """The missed list of a campaign with ten times as many relays, one in a hundred of them missed."""
    count *= 10
    async with kit_on(url, "127.0.0.1") as kit:
        best = await _best(kit, count)
    return [Figure(f"{kind(url)}: missed list over {count:,} relays", best, "ms", None, "≤ 100 ms", best <= 100)]


async def _best(kit: Kit, count: int) -> float:
    caller = await people(kit)
    await groups(kit, caller, count, host=None)
    campaign = await launched(kit, caller, "relays")
    async with kit.db.write() as tx:
        await tx.run(update(Relay).where(col(Relay.campaign_id) == campaign.id).values(state=State.RELAYED))
        relays = await tx.table(columns(col(Relay.id)).where(col(Relay.campaign_id) == campaign.id))
        missing = update(Relay).where(among(col(Relay.id), [row.id for row in relays[::100]]))
        await tx.run(missing.values(state=State.MISSED))
    best = 1e9
    for _ in range(5):
        with timed() as watch:
            async with kit.db.read() as tx:
                page = await missed(tx, caller.center_id, campaign.id, limit=200, cursor=None)
        best = min(best, watch.seconds * 1000)
    assert len(page.items) == 200
    return best
