"""Asleep: what would wake a group, or a leader, at night goes back to wait for the morning. Its time was chosen for the
day; a pause, a wait or a long queue may have carried it past ten."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.db import Tx
from app.domain.access import store as access
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import rules
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed
from app.domain.directory import store as directory
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.domain.relays.states import News


async def until_morning(tx: Tx, claimed: Sequence[Claimed], groups: Mapping[str, Any]) -> set[str]:
    """Put back what would wake its group, or its leader by the clock of his first group in the campaign; an incident
    does wake. Answers what was put back."""
    zones = await access.zones(tx, list({one.center_id for one in claimed}))
    local = {group_id: group.timezone for group_id, group in groups.items()} | await _of_letters(tx, claimed)
    awake = {
        one.id: after_quiet(tx.now, zone)
        for one in claimed
        if one.wakes and (zone := local.get(one.group_id or _letter(one)) or zones[one.center_id])
    }
    night = [one for one in claimed if awake.get(one.id, tx.now) > tx.now]
    wakeful = await campaigns.wakeful(tx, sorted({one.campaign_id for one in night})) if night else set()
    asleep = [one for one in night if one.campaign_id not in wakeful]
    reason = "it waits for the end of quiet hours"
    await deliveries.finish(tx, [rules.waits(one, reason, awake[one.id]) for one in asleep])
    stood_for = [one.stands_for for one in asleep if one.stands_for]
    await relays.move(tx, stood_for, News.RETURNED, actor="muster", reason=reason)
    return {one.id for one in asleep}


async def _of_letters(tx: Tx, claimed: Sequence[Claimed]) -> dict[str, str | None]:
    """The zones of the groups that letters are about, as far as they have their own."""
    letters = [one for one in claimed if one.wakes and one.group_id is None]
    leaders = sorted({one.leader_id for one in letters if one.leader_id})
    if not leaders:
        return {}
    first = await relays.first_groups(tx, sorted({one.campaign_id for one in letters}), leaders)
    zones = {group.id: group.timezone for group in await directory.targets(tx, sorted(set(first.values())))}
    return {f"{campaign_id} {leader_id}": zones.get(group_id) for (campaign_id, leader_id), group_id in first.items()}


def _letter(one: Claimed) -> str:
    return f"{one.campaign_id} {one.leader_id}"
