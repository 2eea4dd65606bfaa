"""Chores: what waits for time or was left behind. Each is safe to run twice, by two workers, or late."""

from datetime import datetime

import structlog

from app.channels.port import Outcome, Verdict
from app.core.jobs import WAKE
from app.core.outages import concerns_all
from app.domain.accounts import store as accounts
from app.domain.accounts.service import Row as Account
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import News as CampaignNews
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed
from app.domain.deliveries.states import News
from app.domain.relays import store as relays
from app.domain.relays.states import News as RelayNews
from app.flows.acts import keyed_s
from app.flows.ask import ask_due
from app.flows.call_off import end_relays, may_stand
from app.flows.cascade import cascade
from app.flows.digest import digest_ended, digest_mornings
from app.flows.escalate import escalate
from app.flows.hand_off import hand_off_due
from app.flows.kit import Kit
from app.flows.last_resort import fall_back
from app.flows.outcomes import Heard
from app.flows.plan import plan
from app.flows.record import record
from app.flows.remind_anew import remind_omitted
from app.flows.ring import ring
from app.flows.taken_back import not_taken_back

log = structlog.get_logger(__name__)

BATCH = 500


async def start_scheduled(kit: Kit) -> int:
    """Scheduled campaigns whose hour has come are running."""
    async with kit.db.write() as tx:
        starting = await campaigns.to_start(tx, limit=BATCH)
        for campaign_id in starting:
            await campaigns.tell(tx, campaign_id, CampaignNews.STARTED, actor="muster")
            tx.then(WAKE, "start")
    return len(starting)


async def finish_plans(kit: Kit) -> int:
    """Plans whose job was lost, or whose worker died, go on where they stood."""
    async with kit.db.read() as tx:
        unplanned = await campaigns.unplanned(tx, limit=BATCH)
    for campaign_id in unplanned:
        try:
            await plan(kit, campaign_id)
        except Exception as error:
            if concerns_all(error):
                raise
            log.exception("plan_failed", campaign=campaign_id)
    return len(unplanned)


async def recover(kit: Kit) -> int:
    """Deliveries whose sender died: said again with the same key where the platform knows it, else uncertain."""
    async with kit.db.read() as tx:
        abandoned = await deliveries.abandoned(tx, limit=BATCH)
        senders = {row.id: row for row in await accounts.get(tx, sorted({one.account_id for one in abandoned}))}
    if not abandoned:
        return 0
    now = kit.clock.now()
    await record(kit, [_unheard(kit, one, senders[one.account_id], now) for one in abandoned])
    return len(abandoned)


def _unheard(kit: Kit, claimed: Claimed, sender: Account, now: datetime) -> Heard:
    silence = Outcome(Verdict.AMBIGUOUS, "sender_died", "the worker that was sending it died before it could tell")
    keyed = keyed_s(kit.channels.get(sender.channel), claimed, sender.speaks_since)
    return Heard(claimed, silence, claimed.claimed_at, now, keyed)


async def expire(kit: Kit) -> int:
    """What is too late to be worth sending is not sent; the relays it stood for are missed."""
    async with kit.db.write() as tx:
        reason = "its deadline passed before it could leave"
        dropped = await deliveries.drop(tx, News.OUTDATED, reason=reason, limit=BATCH)
        await end_relays(tx, dropped, dropped.ended, RelayNews.OVERDUE, reason="not posted in time")
        await relays.give_back(tx, [relay for relay in dropped.ended if relay not in dropped.parts])
        await may_stand(tx, dropped)
        await not_taken_back(tx, dropped.left_standing, "it could not be taken back in time")
    return dropped.count


async def miss(kit: Kit) -> int:
    """Open relays past their deadline are missed: from now on the head sees them."""
    async with kit.db.read() as tx:
        if not await relays.overdue(tx, tx.now, limit=1):
            return 0
    async with kit.db.write() as tx:
        overdue = [relay.id for relay in await relays.overdue(tx, tx.now, limit=BATCH)]
        reason = "not confirmed in time"
        await relays.move(tx, overdue, RelayNews.OVERDUE, actor="muster", reason=reason)
    return len(overdue)


async def go_down(kit: Kit) -> int:
    """Regional leaders whose turn has come are told; the time of those who stay silent is up."""
    return await cascade(kit)


async def hand_over(kit: Kit) -> int:
    """Leaders whose hour has come are asked, by us or by the platform of their groups."""
    return max(await hand_off_due(kit), await ask_due(kit))


async def remind(kit: Kit) -> int:
    """Steps of the policy that are due are taken, and what a letter left out is told."""
    return max(await escalate(kit), await remind_omitted(kit))


async def tell_of_ends(kit: Kit) -> int:
    """Heads hear of deadlines that have passed."""
    await digest_ended(kit)
    return 0


async def tell_in_the_morning(kit: Kit) -> int:
    """Heads hear in the morning of what is not done."""
    await digest_mornings(kit)
    return 0


async def ask_leaders_instead(kit: Kit) -> int:
    """What no account can post becomes a leader's."""
    return await fall_back(kit)


async def ring_alarms(kit: Kit) -> int:
    """Quorums whose moment has come are judged."""
    return await ring(kit)
