"""Read: a regional leader says that he has read what goes out in his branch, and those beneath him are asked."""

from app.core import audit
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.cascade import store as tiers
from app.domain.cascade.states import News, State
from app.domain.directory import store as directory
from app.domain.links import service as links
from app.domain.links.rules import Key
from app.flows.cascade import open_tiers
from app.flows.hear import called_off
from app.flows.kit import Kit
from app.flows.tell_tiers import named, note


async def read_brief(kit: Kit, key: Key) -> bool | None:
    """Whether this word moved anything: said again, it does not. None: the key opens nothing, or its leader was told of
    no branch. Raises Gone when the campaign was called off."""
    async with kit.db.read() as tx:
        opened = await links.open_key(tx, key)
        if opened is None or not await tiers.of_leader(tx, opened.campaign_id, opened.leader_id):
            return None
    async with kit.db.write() as tx:
        opened = await links.open_key(tx, key)
        campaign = await campaigns.hold(tx, opened.campaign_id) if opened else None
        if opened is None or campaign is None:
            return None
        if campaign.state is Control.CANCELLED:
            raise called_off()
        his = [one for one in await tiers.of_leader(tx, campaign.id, opened.leader_id) if one.told_at is not None]
        was = {one.id: one.state for one in his}
        moved = await tiers.move(tx, list(was), News.READ, ended_at=tx.now)
        [person] = await directory.people(tx, [opened.leader_id])
        actor = f"leader:{person.name}"
        names = await named(tx, [one for one in his if one.id in moved])
        for tier_id in moved:
            await audit.note(tx, campaign.center_id, actor=actor, action="tier.read", subject=tier_id)
            if was[tier_id] is State.PASSED:
                await note(tx, campaign, f"read late by {names[tier_id]}", actor=actor)
        in_time = [tier_id for tier_id in moved if was[tier_id] is State.TOLD]
        reasons = {tier_id: f"read by {names[tier_id]}" for tier_id in in_time}
        await open_tiers(tx, campaign, reasons, actor=actor)
    return bool(moved)
