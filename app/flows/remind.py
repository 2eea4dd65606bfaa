"""Remind: whoever has something open hears of it once, in one message for all campaigns that would remind him now."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from app.core.db import Tx
from app.core.journal import append
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.escalation.rules import NUDGES_A_DAY, QUARTER, Action, halfway, read
from app.domain.relays import store as relays
from app.flows.advance import advance, by, line
from app.flows.brief import Campaign
from app.flows.correspond import Held, Part, write
from app.flows.nudge_owners import ENOUGH, Nudged, nudge_owners
from app.flows.space_letters import waits

DAY = timedelta(hours=24)
REMINDED = "reminded"
PATIENCE = 10


async def remind(tx: Tx, due: Sequence[Part]) -> None:
    """One digest per leader with room in his day. What other campaigns would tell him within a quarter of an hour is
    told along with it, and their step is taken; the others' relays say why nobody was told."""
    by_leader: defaultdict[str, list[Part]] = defaultdict(list)
    for campaign, advanced in due:
        for leader, mine in by((one for one in advanced if one.leader_id), lambda relay: str(relay.leader_id)).items():
            by_leader[leader].append((campaign, mine))
    if not by_leader:
        return
    told = await deliveries.nudges_since(tx, list(by_leader), tx.now - DAY)
    within = {leader: parts for leader, parts in by_leader.items() if told.get(leader, 0) < NUDGES_A_DAY}
    for part in await _soon(tx, within):
        within[str(part[1][0].leader_id)].append(part)
    nudged = await nudge_owners(tx, within)
    reached = await _write(tx, nudged.letters)
    for leader, parts in by_leader.items():
        for about, held in within.get(leader, parts):
            why = {relay.id: _said(relay, leader, nudged, reached, within) for relay in held}
            await relays.reminded(tx, [one for one, said in why.items() if said == REMINDED])
            await append(tx, [line(about, relay, why[relay.id]) for relay in held])


async def _soon(tx: Tx, leaders: Mapping[str, Sequence[Part]]) -> list[Part]:
    """What else is to be told these leaders within a quarter of an hour, in other campaigns: their steps are taken."""
    until = tx.now + QUARTER
    others = await relays.stirring_soon(tx, list(leaders), until=until)
    held = await campaigns.hold_all(tx, others, free=True)
    ahead = await relays.due_soon(tx, list(held), list(leaders), until=until) if held else []
    found: list[Part] = []
    for campaign_id, some in by(ahead, lambda relay: relay.campaign_id).items():
        campaign = held[campaign_id]
        if campaign.state is not CampaignState.RUNNING:
            continue
        steps = read(campaign.escalation)
        may = [relay for relay in some if relay.steps_taken < len(steps)]
        may = [relay for relay in may if steps[relay.steps_taken].action is Action.REMIND]
        may = [relay for relay in may if halfway(relay.assigned_at, relay.next_step_at, tx.now)]
        for leader, mine in by(may, lambda relay: str(relay.leader_id)).items():
            if any(one.id == campaign_id for one, _ in leaders[leader]):
                continue
            for place, alike in by(mine, lambda relay: relay.steps_taken).items():
                if taken := await advance(tx, steps, place, alike):
                    found.append((campaign, taken))
    return found


async def _write(tx: Tx, within: Mapping[str, Sequence[Part]]) -> set[str]:
    """One letter for each of these leaders, by the most urgent of its campaigns; answers who gets one."""
    recent = await deliveries.nudges_about(tx, list(within), tx.now - QUARTER)
    carried: defaultdict[str, dict[str, list[Part]]] = defaultdict(dict)
    lead: dict[str, Campaign] = {}
    for leader, parts in within.items():
        ordered = sorted(_joined(parts), key=lambda part: (part[0].priority.rank, part[0].id))
        first = ordered[0][0]
        lead[first.id] = first
        carried[first.id][leader] = ordered
    reached: set[str] = set()
    for campaign_id, letters in carried.items():
        campaign = lead[campaign_id]
        after = {leader: waits(campaign, parts, recent.get(leader, ())) for leader, parts in letters.items()}
        reached |= await write(
            tx,
            campaign,
            {leader: parts[0][1] for leader, parts in letters.items()},
            kind=Kind.NUDGE,
            others={leader: parts[1:] for leader, parts in letters.items()},
            not_before={leader: at for leader, at in after.items() if at is not None},
        )
    return reached


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Each campaign once."""
    whole: dict[str, tuple[Campaign, list[Held]]] = {}
    for campaign, mine in parts:
        whole.setdefault(campaign.id, (campaign, []))[1].extend(mine)
    return list(whole.values())


async def remind_again(tx: Tx, campaign_id: str, leader_ids: Sequence[str] | None = None) -> None:
    """Reminders that have not left and speak of this campaign, too, are written anew without what is done in it."""
    letters = await deliveries.call_off_merged(tx, campaign_id, leader_ids)
    held = await _at_hand(tx, {one for _, about in letters for one in about}) if letters else {}
    for leader, about in letters:
        parts: list[Part] = []
        for campaign in (held[one] for one in about if one in held):
            mine = await _by_letter(tx, campaign, leader)
            if campaign.state is CampaignState.RUNNING and mine:
                parts.append((campaign, mine))
        if parts:
            await _write(tx, {leader: parts})


async def _by_letter(tx: Tx, campaign: Campaign, leader_id: str) -> list[Held]:
    """What this leader has still open and is reminded of by us, not by his platform."""
    return [relay for relay in await relays.still_open(tx, campaign.id, leader_id) if relay.task_id is None]


async def _at_hand(tx: Tx, campaign_ids: Collection[str]) -> Mapping[str, Campaign]:
    """These campaigns, held; without those that somebody else keeps for longer: relays are held already, and whoever
    holds relays waits for no campaign."""
    held: Mapping[str, Campaign] = {}
    for _ in range(PATIENCE):
        held = await campaigns.hold_all(tx, campaign_ids, free=True)
        if len(held) == len(campaign_ids):
            break
        await asyncio.sleep(0.02)
    return held


async def remind_resumed(tx: Tx, campaign: Campaign) -> None:
    """Whoever was to hear of this campaign in a letter that was written anew without it, while it was paused, hears of
    it now, if anything is still open. Its row is held."""
    unsaid = {one: await _by_letter(tx, campaign, one) for one in await deliveries.unsaid(tx, campaign.id)}
    await _write(tx, {leader: [(campaign, mine)] for leader, mine in unsaid.items() if mine})


def _said(relay: Held, leader: str, nudged: Nudged, reached: set[str], within: Mapping[str, object]) -> str:
    if relay.id in nudged.enough:
        return ENOUGH
    if relay.id in nudged.reminded or leader in reached:
        return REMINDED
    if leader in within:
        return "not reminded: there is no way to reach the leader"
    return f"not reminded: {NUDGES_A_DAY} nudges in the last 24 hours"
