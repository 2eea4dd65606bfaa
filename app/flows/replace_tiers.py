"""Replace: a branch of a cascade whose leader is away, has left, or leads it no more is told through the next one."""

from collections.abc import Collection, Sequence

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.cascade import store as tiers
from app.domain.cascade.states import News
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.flows.brief import Campaign
from app.flows.cascade import open_tiers
from app.flows.tell_tiers import Tier, named, note


async def replace_tiers(tx: Tx, leader_ids: Sequence[str], *, actor: str, branch_id: str | None = None) -> None:
    """What waits for the word of these leaders (with `branch_id`, for that branch alone) waits for whoever is next
    there by rank; where nobody is, or who is told of it above already, for the tier above. So do the heir's own tiers
    beneath."""
    for tier in await tiers.closed_of(tx, leader_ids, branch_id=branch_id):
        campaign = await campaigns.hold(tx, tier.campaign_id)
        if campaign is not None and campaign.state is not Control.CANCELLED:
            await _replace(tx, campaign, tier, besides=leader_ids, actor=actor)


async def spare_themselves(tx: Tx, campaign: Campaign, leader_ids: Collection[str], *, actor: str) -> None:
    """These leaders, who have got groups just now, wait with them for no tier that is theirs to open, nor for one
    beneath it, but for the one above."""
    for tier in await tiers.closed_of(tx, sorted(leader_ids)):
        if tier.campaign_id == campaign.id:
            above = await tiers.closed_above(tx, tier.id)
            [person] = await directory.people(tx, [tier.leader_id])
            reason = f"{person.name} leads the branch himself: it does not wait for his word"
            await relays.let_go(
                tx,
                await tiers.down_from(tx, tier.id),
                actor=actor,
                reason=reason,
                leader_id=tier.leader_id,
                to=above.id if above else None,
            )


async def _replace(tx: Tx, campaign: Campaign, tier: Tier, *, besides: Sequence[str], actor: str) -> None:
    people = (await directory.branch_people(tx, campaign.center_id)).get(tier.branch_id, [])
    heir = next((one for one in people if one not in besides), None)
    before = (await named(tx, [tier]))[tier.id]
    if heir is None:
        reason = f"nobody leads the branch in place of {before}"
        await _leave_out(tx, campaign, tier, "nobody leads the branch", reason, actor=actor)
        return
    [person] = await directory.people(tx, [heir])
    if heir in await tiers.leaders_above(tx, tier.id):
        reason = f"{person.name} leads the branch in place of {before} and is told above it"
        await _leave_out(tx, campaign, tier, "its leader is told above", reason, actor=actor)
        return
    await tiers.move(tx, [tier.id], News.REPLACED, leader_id=heir, told_at=None)
    below = await tiers.down_from(tx, tier.id)
    for his in await tiers.closed_of(tx, [heir]):
        if his.id in below and his.id != tier.id:
            reason = f"{person.name} leads the branch and is told above it in place of {before}"
            await _leave_out(tx, campaign, his, "its leader is told above", reason, actor=actor)
    await spare_themselves(tx, campaign, [heir], actor=actor)
    await note(tx, campaign, f"{person.name} is told first in place of {before}", actor=actor)
    await open_tiers(tx, campaign, {}, actor=actor)


async def _leave_out(tx: Tx, campaign: Campaign, tier: Tier, why: str, reason: str, *, actor: str) -> None:
    """Nobody is told of this tier by itself any more: those beneath wait for the one above, as they would have if it
    had been so from the start, or for nobody where that has opened."""
    await tiers.move(tx, [tier.id], News.VACANT, reason=why, ended_at=tx.now)
    above = await tiers.closed_above(tx, tier.id)
    if above is None:
        await open_tiers(tx, campaign, {tier.id: reason}, actor=actor)
        return
    because = f"{reason}: those beneath wait for {(await named(tx, [above]))[above.id]}"
    await tiers.hang(tx, tier.id, above.id)
    await relays.let_go(tx, [tier.id], actor=actor, reason=because, to=above.id)
    await note(tx, campaign, because, actor=actor)
