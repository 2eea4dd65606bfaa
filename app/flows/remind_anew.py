"""Remind anew: a reminder of several campaigns that has not left is written again without what is done or stopped, and
whoever it left out for another reason hears of that, too."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.flows.brief import Campaign
from app.flows.correspond import Held, Part
from app.flows.kit import Kit
from app.flows.remind import write_reminders

BATCH = 200
PATIENCE = 10


async def remind_again(tx: Tx, campaign_id: str, leader_ids: Sequence[str] | None = None) -> None:
    """Reminders that have not left and speak of this campaign, too, are written anew without what is done in it."""
    letters = await deliveries.call_off_merged(tx, campaign_id, leader_ids)
    held = await _at_hand(tx, {one for letter in letters for one in letter.about}) if letters else {}
    for letter in letters:
        parts: list[Part] = []
        for campaign in (held[one] for one in letter.about if one in held):
            mine = await _by_letter(tx, campaign, letter.leader_id)
            if campaign.state is CampaignState.RUNNING and mine:
                parts.append((campaign, mine))
        if parts:
            await write_reminders(tx, {letter.leader_id: parts})
    left_out = {letter.id: [one for one in letter.about if one not in held] for letter in letters}
    await deliveries.omit(tx, {letter_id: some for letter_id, some in left_out.items() if some})


async def _by_letter(tx: Tx, campaign: Campaign, leader_id: str) -> list[Held]:
    """What this leader has still open, is still wanted there, and is reminded of by us, not by his platform."""
    mine = [relay for relay in await relays.still_open(tx, campaign.id, leader_id) if relay.task_id is None]
    withdrawn = await recalls.concerned(tx, [relay.id for relay in mine]) if mine else ()
    return [relay for relay in mine if relay.id not in withdrawn]


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


async def remind_omitted(kit: Kit) -> int:
    """Campaigns that a letter left out because somebody held them while it was written anew are told of now; answers
    of how many letters. One that is not under way is told of when it is resumed."""
    async with kit.db.read() as tx:
        if not await deliveries.omitting(tx, limit=1):
            return 0
    async with kit.db.write() as tx:
        letters = await deliveries.omitting(tx, limit=BATCH)
        leaders: defaultdict[str, set[str]] = defaultdict(set)
        for letter in letters:
            for campaign_id in letter.about:
                leaders[campaign_id].add(letter.leader_id)
        for campaign_id, campaign in (await campaigns.hold_all(tx, leaders)).items():
            if campaign.state is CampaignState.RUNNING:
                await _remind_unsaid(tx, campaign, leaders[campaign_id])
        await deliveries.omit(tx, {letter.id: [] for letter in letters})
        tx.then(WAKE, "omitted")
    return len(letters)


async def remind_resumed(tx: Tx, campaign: Campaign) -> None:
    """Whoever was to hear of this campaign in a letter that was written anew without it, while it was paused, hears of
    it now, if anything is still open. Its row is held."""
    await _remind_unsaid(tx, campaign, None)


async def _remind_unsaid(tx: Tx, campaign: Campaign, leader_ids: Collection[str] | None) -> None:
    unsaid = await deliveries.unsaid(tx, campaign.id, leader_ids)
    open_still = {one: await _by_letter(tx, campaign, one) for one in unsaid}
    await write_reminders(tx, {leader: [(campaign, mine)] for leader, mine in open_still.items() if mine})
