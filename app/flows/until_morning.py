"""Until morning: what was claimed and would wake its group is put back, whatever carried it past ten at night."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.db import Tx
from app.domain.access import store as access
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import rules
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.domain.relays.states import News


async def until_morning(tx: Tx, claimed: Sequence[Claimed], groups: Mapping[str, Any]) -> set[str]:
    """Put back what would wake its group: a pause, a wait or a long queue may have carried it past ten at night.
    Answers what was put back."""
    zones = await access.zones(tx, list({one.center_id for one in claimed}))
    awake = {
        one.id: after_quiet(tx.now, zone)
        for one in claimed
        if one.wakes and (zone := groups[str(one.group_id)].timezone or zones[one.center_id])
    }
    night = [one for one in claimed if awake.get(one.id, tx.now) > tx.now]
    wakeful = await campaigns.wakeful(tx, sorted({one.campaign_id for one in night})) if night else set()
    asleep = [one for one in night if one.campaign_id not in wakeful]
    reason = "it waits for the end of its group's quiet hours"
    await deliveries.finish(tx, [rules.waits(one, reason, awake[one.id]) for one in asleep])
    stood_for = [one.stands_for for one in asleep if one.stands_for]
    await relays.move(tx, stood_for, News.RETURNED, actor="muster", reason=reason)
    return {one.id for one in asleep}
