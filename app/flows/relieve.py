"""Relieve: what a leader had who is away, has left, or answers for it no more, goes to the next in line."""

from collections import defaultdict
from collections.abc import Sequence

from app.core import audit
from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.access.rules import Caller
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.cascade import store as tiers
from app.domain.directory import store as directory
from app.domain.directory.service import people
from app.domain.escalation.rules import Action
from app.domain.links import service as links
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.flows.correspond import Held
from app.flows.from_the_start import give_from_the_start
from app.flows.kit import Kit
from app.flows.orphaned import tell_of_orphans
from app.flows.pass_on import pass_on, successors
from app.flows.replace_tiers import replace_tiers

BATCH = 500


async def relieve_absent(kit: Kit) -> int:
    """Pass on what those have whose absence has begun, each absence once; answers how many relays there were."""
    async with kit.db.read() as tx:
        if not await directory.begun(tx, limit=1):
            return 0
    async with kit.db.write() as tx:
        begun = {absence.leader_id: absence for absence in await directory.begun(tx, limit=BATCH)}
        await _hold(tx, list(begun))
        held = await relays.to_relieve(tx, list(begun), limit=BATCH)
        kept = await relieve(tx, held, actor="muster", because="the leader is away")
        if len(held) < BATCH or kept == len(held):
            await directory.relieved(tx, [absence.id for absence in begun.values()])
        await replace_tiers(tx, list(begun), actor="muster")
        tx.then(WAKE, "relieve")
    return len(held)


async def _hold(tx: Tx, leader_ids: Sequence[str]) -> None:
    """Hold every campaign in which these leaders have anything to do, before their relays."""
    told = {tier.campaign_id for tier in await tiers.closed_of(tx, leader_ids)}
    await campaigns.hold_all(tx, told | set(await relays.where_to_relieve(tx, leader_ids)))


async def relieve(tx: Tx, held: Sequence[Held], *, actor: str, because: str) -> int:
    """Pass these locked relays on to the next in line, or to the head; answers how many nobody else could be found
    for, which stay with whom they are."""
    by_campaign: defaultdict[str, list[Held]] = defaultdict(list)
    for relay in held:
        by_campaign[relay.campaign_id].append(relay)
    kept = 0
    for campaign_id, some in by_campaign.items():
        campaign = await campaigns.hold(tx, campaign_id)
        if campaign is None or campaign.state is CampaignState.CANCELLED:
            continue
        to = await successors(tx, campaign, some, Action.DEPUTY)
        left = [relay for relay in some if relay.id not in to]
        to |= await successors(tx, campaign, left, Action.HEAD)
        planned = [relay.id for relay in some if relay.state is State.PLANNED and relay.id in to]
        heirs = {relay_id: to[relay_id].leader_id for relay_id in planned}
        await give_from_the_start(tx, campaign, heirs, actor=actor, because=because)
        asked = [relay for relay in some if relay.state is not State.PLANNED]
        await pass_on(tx, campaign, asked, to, actor=actor, because=because)
        kept += len(some) - len(to)
    return kept


async def remove_leader(kit: Kit, caller: Caller, leader_id: str) -> None:
    """A leader leaves: he answers for nothing any more, his links open nothing, and what he had goes to the next in
    line. Without a history he is forgotten. Raises NotFound."""
    async with kit.db.write() as tx:
        leader = await people.one(tx, caller.center_id, leader_id)
        if await people.forget(tx, leader, actor=caller.actor):
            return
        await people.leave(tx, leader, actor=caller.actor)
        await links.revoke_all(tx, leader_id)
        await _hold(tx, [leader_id])
        while held := await relays.to_relieve(tx, [leader_id], limit=BATCH):
            await relieve(tx, held, actor=caller.actor, because=f"{leader.name} has left")
            await relays.withdraw(tx, [relay.id for relay in held], leader_id)
            orphaned = await relays.orphan(tx, [relay.id for relay in held], leader_id, actor=caller.actor)
            await tell_of_orphans(kit, tx, [relay for relay in held if relay.id in orphaned])
        await replace_tiers(tx, [leader_id], actor=caller.actor)
        tx.then(WAKE, "relieve")


async def unassign(kit: Kit, caller: Caller, assignment_id: str) -> None:
    """A leader is taken off a group or a branch; what he has open there goes to the next in line, and his word does
    not count there any more. Raises NotFound."""
    async with kit.db.write() as tx:
        taken = await people.unassign(tx, caller.center_id, assignment_id, actor=caller.actor)
        await _hold(tx, [taken.leader_id])
        held = await relays.to_relieve(tx, [taken.leader_id], limit=100 * BATCH)
        lines = await directory.lines(tx, caller.center_id, [relay.group_id for relay in held])
        off = [relay for relay in held if taken.leader_id not in lines[relay.group_id].whole]
        if taken.group_id is not None:
            off = [relay for relay in off if relay.group_id == taken.group_id]
        await relieve(tx, off, actor=caller.actor, because="another answers for the group now")
        await relays.withdraw(tx, [relay.id for relay in off], taken.leader_id)
        if taken.branch_id is not None:
            await replace_tiers(tx, [taken.leader_id], actor=caller.actor, branch_id=taken.branch_id)
        await audit.note(
            tx, caller.center_id, actor=caller.actor, action="relay.relieve", subject=taken.leader_id, count=len(off)
        )
        tx.then(WAKE, "relieve")
