"""Escalate: when a step of the policy is due, whoever has a relay is reminded once, or it goes to the next in line; of
what is still open, and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.journal import append
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.escalation.rules import Action, Step, next_passing, on_declined, read
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.flows.advance import advance, by, go_on, line, next_at, wanted
from app.flows.brief import Campaign
from app.flows.correspond import Held, Part
from app.flows.kit import Kit
from app.flows.last_resort import last_resort
from app.flows.pass_on import pass_on, successors
from app.flows.remind import remind

BATCH = 200


class Due(Held, Protocol):
    """A relay that the policy has something to do for."""

    changed_at: datetime
    next_step_at: datetime | None


async def escalate(kit: Kit) -> int:
    """Take the steps that are due, each once per relay; answers for how many leaders."""
    async with kit.db.read() as tx:
        if not await relays.step_due(tx, besides=await campaigns.resting(tx), limit=1):
            return 0
    async with kit.db.write() as tx:
        pairs = await relays.step_due(tx, besides=await campaigns.resting(tx), limit=BATCH)
        reminded: list[Part] = []
        leaders = by(pairs, lambda pair: pair.campaign_id)
        for campaign_id, campaign in (await campaigns.hold_all(tx, leaders)).items():
            some = leaders[campaign_id]
            if campaign.state is CampaignState.CANCELLED:
                await relays.hush(tx, campaign_id)
            elif campaign.state is CampaignState.RUNNING:
                due = await wanted(tx, await relays.due_of(tx, campaign_id, [pair.leader_id for pair in some]))
                reminded.append((campaign, await _campaign(kit, tx, campaign, due)))
        await remind(tx, reminded)
        if pairs:
            tx.then(WAKE, "escalate")
    return len(pairs)


async def _campaign(kit: Kit, tx: Tx, campaign: Campaign, due: Sequence[Due]) -> list[Held]:
    """Take this campaign's steps; answers the relays whose leaders are to be reminded. What was declined since is due
    from that moment, whatever step was before it."""
    reminders: list[Held] = []
    steps = read(campaign.escalation)
    declined = [relay for relay in due if relay.state is State.FAILED and relay.next_step_at == relay.changed_at]
    for reason, alike in by(declined, lambda relay: relay.reason).items():
        await _after_no(kit, tx, campaign, steps, alike, reason=reason)
    waiting = [relay for relay in due if relay not in declined and relay.steps_taken < len(steps)]
    spent = [relay.id for relay in due if relay not in declined and relay.steps_taken >= len(steps)]
    await relays.quieten(tx, spent, next_step_at=None)
    for place, alike in by(waiting, lambda relay: relay.steps_taken).items():
        taken = await advance(tx, steps, place, alike)
        if steps[place].action is Action.REMIND:
            reminders += [relay for relay in taken if relay.state is not State.FAILED]
        else:
            because = f"{steps[place].at_percent} % of the time has passed"
            given = await _find_another(kit, tx, campaign, taken, steps[place].action, because=because)
            nobody = [relay for relay in taken if relay.id not in given]
            await append(tx, [line(campaign, relay, _NOBODY[steps[place].action]) for relay in nobody])
    return reminders


async def _after_no(
    kit: Kit, tx: Tx, campaign: Campaign, steps: Sequence[Step], held: Sequence[Held], *, reason: str
) -> None:
    """A "cannot" goes on at once. What nobody else could take waits for the next step that gives it to somebody."""
    left = list(held)
    for action in on_declined(steps, reason):
        given = await _find_another(kit, tx, campaign, left, action, because=f"the answer was “{reason}”")
        left = [relay for relay in left if relay.id not in given]
    await append(tx, [line(campaign, relay, "reached nobody: no one else could be asked") for relay in left])
    for relay in left:
        place = next_passing(steps, relay.steps_taken)
        at = next_at(tx, steps, place, relay) if place is not None else None
        await relays.quieten(tx, [relay.id], next_step_at=at)
    for relay in held:
        if relay not in left:
            await go_on(tx, steps, relay, past=(Action.REMIND,))


async def _find_another(
    kit: Kit, tx: Tx, campaign: Campaign, held: Sequence[Held], action: Action, *, because: str
) -> set[str]:
    """Give these to whom the action names; answers those that were given."""
    if not held:
        return set()
    if action is Action.BOT:
        return await last_resort(kit, tx, campaign, held, actor="muster", because=because)
    to = await successors(tx, campaign, held, action)
    return await pass_on(tx, campaign, held, to, actor="muster", because=because)


_NOBODY: Mapping[Action, str] = {
    Action.DEPUTY: "reached nobody: no one else is in line for this group",
    Action.BRANCH_LEADER: "reached nobody: no leader of a branch above has not had it",
    Action.HEAD: "reached nobody: the center names no head, or the head has it already",
    Action.BOT: "reached nobody: no account can post it, or one has tried",
}
