"""Until morning: what was claimed and would wake a group or a leader is put back. Its time was chosen for the day; a
pause, a wait or a long queue may have carried it past ten at night."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.db import Tx
from app.domain.deliveries import rules
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed
from app.domain.relays import store as relays
from app.domain.relays.states import News
from app.flows.night import asleep


async def until_morning(
    tx: Tx, claimed: Sequence[Claimed], groups: Mapping[str, Any], zones: Mapping[str, str | None]
) -> set[str]:
    """Put back what would wake somebody; answers what was put back."""
    until = await asleep(tx, [one for one in claimed if one.wakes], groups, zones)
    late = [one for one in claimed if one.id in until]
    reason = "it waits for the end of quiet hours"
    await deliveries.finish(tx, [rules.waits(one, reason, until[one.id]) for one in late])
    stood_for = [one.stands_for for one in late if one.stands_for]
    await relays.move(tx, stood_for, News.RETURNED, actor="muster", reason=reason)
    return set(until)
