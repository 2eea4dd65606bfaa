"""Recall: what has not left is called off, what stands, or comes to stand after all, is to be taken back, and nobody is
asked for it any more."""

from collections.abc import Sequence

from app.core import audit
from app.core.db import Tx
from app.core.errors import Conflict
from app.core.jobs import WAKE
from app.domain.access.rules import Caller
from app.domain.campaigns import service
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import MAY_STAND, State
from app.flows.control import cancel, outlast_claims
from app.flows.kit import Kit
from app.flows.retry import known
from app.flows.take_back import CALLED_OFF, take_back

BATCH = 1_000
MAY_YET = tuple(state for state in State if state not in {State.SKIPPED, State.CANCELLED})
"""Where it may come to stand while its campaign goes on."""


async def recall(kit: Kit, caller: Caller, campaign_id: str, *, groups: Sequence[str] | None = None) -> None:
    """Take a launched campaign back, as a whole, which cancels it, or in these groups: from now on nothing of it is
    posted there, and nobody is asked to. What can be done at once is begun when this returns; what is under way or in
    doubt follows. Raises NotFound, Conflict, Invalid."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        if campaign.launched_at is None:
            raise Conflict("wrong_state", f"Nothing of a campaign that is {campaign.state.value} has been posted.")
        await known(tx, campaign_id, groups)
    if groups is None:
        await cancel(kit, caller, campaign_id)
        await _want(kit, caller, campaign_id, MAY_STAND, None)
    else:
        await _want(kit, caller, campaign_id, MAY_YET, groups)
        await outlast_claims(kit, campaign_id)
    while await take_back(kit):
        pass


async def _want(
    kit: Kit, caller: Caller, campaign_id: str, states: Sequence[State], groups: Sequence[str] | None
) -> None:
    """Keep the wish for every relay in one of these states, and for those of whose text a part stands. In some groups
    of a campaign that goes on, a gate closes with each wish: whatever comes back to wait does not leave again."""
    async with kit.db.write() as tx:
        await campaigns.hold(tx, campaign_id)
        in_part = await deliveries.begun(tx, campaign_id, groups=groups)
        await recalls.want(tx, campaign_id, sorted(in_part), actor=caller.actor)
    after = ""
    while True:
        async with kit.db.write() as tx:
            await campaigns.hold(tx, campaign_id)
            relay_ids = await relays.in_states(tx, campaign_id, states, group_ids=groups, after=after, limit=BATCH)
            await recalls.want(tx, campaign_id, relay_ids, actor=caller.actor)
            if groups is not None:
                await deliveries.close_gates(tx, relay_ids, reason=CALLED_OFF)
            if len(relay_ids) < BATCH:
                await _note(tx, caller, campaign_id, groups)
                break
            after = relay_ids[-1]


async def _note(tx: Tx, caller: Caller, campaign_id: str, groups: Sequence[str] | None) -> None:
    which = "all" if groups is None else len(groups)
    actor, action = caller.actor, "campaign.recall"
    await audit.note(tx, caller.center_id, actor=actor, action=action, subject=campaign_id, groups=which)
    tx.then(WAKE, "recall")
