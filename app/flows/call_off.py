"""Call off: the rows of a cancelled campaign, or of some of a campaign's groups, follow what was decided about them."""

from collections import defaultdict
from collections.abc import Sequence

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import News
from app.domain.relays import store as relays
from app.domain.relays.states import MOVES
from app.domain.relays.states import News as RelayNews
from app.flows.kit import Kit
from app.flows.remind_anew import remind_again

BATCH = 500


async def call_off(kit: Kit) -> int:
    """The rows of cancelled campaigns follow their campaign. Each is held meanwhile: nothing uncertain of it is settled
    then. What somebody else holds is called off another time."""
    most = 0
    async with kit.db.write() as tx:
        for campaign_id in await campaigns.hold_all(tx, await campaigns.to_clear(tx, limit=10), free=True):
            count = await _call_off(tx, campaign_id)
            if not count and not await deliveries.under_way(tx, campaign_id):
                count = await _call_off(tx, campaign_id)  # now that nothing can come back: what just has
                if not count:
                    await relays.hush(tx, campaign_id)
                    await campaigns.cleared(tx, campaign_id)
            most = max(most, count)
    return most


async def _call_off(tx: Tx, campaign_id: str) -> int:
    return await call_off_some(tx, campaign_id, reason="the campaign was cancelled")


async def call_off_some(tx: Tx, campaign_id: str, *, reason: str, group_ids: Sequence[str] | None = None) -> int:
    """What has not left, everywhere or into these groups, will not leave: the next rows; answers how many."""
    if group_ids is None:
        await remind_again(tx, campaign_id)
    dropped = await deliveries.drop(
        tx, News.CALLED_OFF, reason=reason, limit=BATCH, campaign_id=campaign_id, group_ids=group_ids
    )
    await may_stand(tx, dropped)
    await end_relays(tx, dropped, dropped.ended, RelayNews.CALLED_OFF, reason=reason)
    states = MOVES.before(RelayNews.CALLED_OFF)
    waiting = await relays.in_states(tx, campaign_id, states, group_ids=group_ids, limit=BATCH)
    await relays.move(tx, waiting, RelayNews.CALLED_OFF, actor="muster", reason=reason, next_step_at=None)
    if group_ids is not None:
        await remind_again(tx, campaign_id)
    return max(dropped.count, len(waiting))


async def may_come_back(tx: Tx, delivery_id: str) -> None:
    """This delivery is about to be settled: what waits again then is called off, too, where its campaign was."""
    campaign_id = await deliveries.campaign_of(tx, delivery_id)
    if campaign_id is not None:
        await campaigns.clear_again(tx, campaign_id)


async def may_stand(tx: Tx, dropped: deliveries.Dropped) -> None:
    """What was dropped after it had been said without an answer."""
    reason = "it was said without an answer and is not said again"
    await end_relays(tx, dropped, dropped.uncertain, RelayNews.LINE_LOST, reason=reason)


async def end_relays(
    tx: Tx, dropped: deliveries.Dropped, relay_ids: Sequence[str], news: RelayNews, *, reason: str
) -> None:
    """Tell these relays, each with the parts of its text that stand already."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for relay_id in relay_ids:
        alike[dropped.parts.get(relay_id, "")].append(relay_id)
    for parts, those in alike.items():
        await relays.move(tx, those, news, actor="muster", reason=reason + parts)
