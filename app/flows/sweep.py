"""Sweep: what fell on the floor is picked up. Run every second by the one worker that sits in the keeper's chair;
every sweep is safe to run twice, by two workers, or late."""

from collections.abc import Awaitable, Callable

from app.channels.port import Outcome, Verdict
from app.core import metrics
from app.core.jobs import WAKE
from app.domain.accounts import store as accounts
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import News as CampaignNews
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import News
from app.domain.relays import store as relays
from app.domain.relays.states import News as RelayNews
from app.flows.escalate import escalate
from app.flows.hand_off import hand_off_due
from app.flows.kit import Kit
from app.flows.outcomes import Heard
from app.flows.plan import plan
from app.flows.record import record

BATCH = 500


async def sweep(kit: Kit) -> None:
    """One round over everything that waits for time or was left behind."""
    for chore in CHORES:
        await chore(kit)


async def start_scheduled(kit: Kit) -> None:
    """Scheduled campaigns whose hour has come are running."""
    async with kit.db.write() as tx:
        for campaign_id in await campaigns.to_start(tx, limit=BATCH):
            await campaigns.tell(tx, campaign_id, CampaignNews.STARTED, actor="muster")
            tx.then(WAKE, "start")


async def finish_plans(kit: Kit) -> None:
    """Plans whose job was lost, or whose worker died, go on where they stood."""
    async with kit.db.read() as tx:
        unplanned = await campaigns.unplanned(tx, limit=BATCH)
    for campaign_id in unplanned:
        await plan(kit, campaign_id)


async def recover(kit: Kit) -> None:
    """Deliveries whose sender died: said again with the same key where the platform knows it, else uncertain."""
    async with kit.db.read() as tx:
        abandoned = await deliveries.abandoned(tx, limit=BATCH)
        senders = {row.id: row for row in await accounts.get(tx, sorted({one.account_id for one in abandoned}))}
    if not abandoned:
        return
    now = kit.clock.now()
    silence = Outcome(Verdict.AMBIGUOUS, "sender_died", "the worker that was sending it died before it could tell")
    keyed = {account.id: kit.channels[account.platform].keyed for account in senders.values()}
    await record(kit, [Heard(one, silence, now, now, keyed[one.account_id]) for one in abandoned])


async def expire(kit: Kit) -> None:
    """What is too late to be worth sending is not sent; the relays it stood for are missed."""
    async with kit.db.write() as tx:
        reason = "its deadline passed before it could leave"
        relay_ids = await deliveries.drop(tx, News.OUTDATED, reason=reason, limit=BATCH)
        await relays.move(
            tx, [one for one in relay_ids if one], RelayNews.OVERDUE, actor="muster", reason="not posted in time"
        )


async def call_off(kit: Kit) -> None:
    """The rows of cancelled campaigns follow their campaign."""
    async with kit.db.write() as tx:
        for campaign_id in await campaigns.to_clear(tx, limit=10):
            reason = "the campaign was cancelled"
            dropped = await deliveries.drop(tx, News.CALLED_OFF, reason=reason, limit=BATCH, campaign_id=campaign_id)
            open_relays = await relays.to_call_off(tx, campaign_id, limit=BATCH)
            await relays.move(tx, open_relays, RelayNews.CALLED_OFF, actor="muster", reason=reason, next_step_at=None)
            if not dropped and not open_relays and not await deliveries.under_way(tx, campaign_id):
                await campaigns.cleared(tx, campaign_id)


async def miss(kit: Kit) -> None:
    """Open relays past their deadline are missed: from now on the head sees them."""
    async with kit.db.write() as tx:
        overdue = [relay.id for relay in await relays.overdue(tx, tx.now, limit=BATCH)]
        await relays.move(tx, overdue, RelayNews.OVERDUE, actor="muster", reason="not confirmed in time")


async def hand_over(kit: Kit) -> None:
    """Leaders whose hour has come are asked."""
    await hand_off_due(kit)


async def remind(kit: Kit) -> None:
    """Steps of the policy that are due are taken."""
    await escalate(kit)


async def measure(kit: Kit) -> None:
    """The alarms' figures are fresh."""
    async with kit.db.read() as tx:
        metrics.uncertain.set(await deliveries.uncertain_count(tx))
        metrics.oldest_due.set(await deliveries.oldest_due_s(tx))


CHORES: tuple[Callable[[Kit], Awaitable[None]], ...] = (
    start_scheduled,
    recover,
    finish_plans,
    hand_over,
    call_off,
    expire,
    remind,
    miss,
    measure,
)
