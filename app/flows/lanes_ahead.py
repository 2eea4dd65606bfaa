"""Lanes ahead: when each account of a running campaign will be through and what it waits for, from the pacer itself."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.db import Tx
from app.core.limits import Limit
from app.domain.accounts import store as accounts
from app.domain.accounts.service import limits
from app.domain.deliveries import store as deliveries
from app.domain.pacing.rules import Waiting, forecast, gap
from app.flows.kit import Kit

MOST = 3_000
"""Waiting messages that are forecast; more would take longer than a reader waits."""


@dataclass(frozen=True)
class LaneAhead:
    """One account's part of a campaign. `waiting` counts this campaign's messages, `before` those of others that share
    the account. `held` is the reason of a closed gate; behind it nothing is forecast, nor where there is too much."""

    account: str
    waiting: int
    before: int
    first_at: datetime | None
    last_at: datetime | None
    bound_by: str
    held: str
    held_until: datetime | None


async def lanes_ahead(kit: Kit, tx: Tx, center_id: str, campaign_id: str) -> list[LaneAhead]:
    """The lanes in which something of this campaign still waits."""
    rows = await deliveries.ahead(tx, campaign_id, limit=MOST + 1)
    waiting: dict[str, list[Waiting]] = defaultdict(list)
    for row in rows:
        pause = gap(row.seed, row.id, least=row.min_gap_s, most=row.max_gap_s)
        one = Waiting(row.id, row.campaign_id, row.chat, row.rank, row.due_at.timestamp(), pause)
        waiting[row.account_id].append(one)
    gates = await deliveries.closed_gates(tx, [center_id, campaign_id, *waiting])
    shut = {gate.subject: (gate.reason, gate.until) for gate in gates}
    everything = shut.get(center_id) or shut.get(campaign_id)
    answer = []
    for account in await accounts.get(tx, sorted(waiting)):
        of_this = sum(one.campaign == campaign_id for one in waiting[account.id])
        if of_this:
            held, until = everything or shut.get(account.id) or ("", None)
            others = len(waiting[account.id]) - of_this
            ahead = () if held or len(rows) > MOST else waiting[account.id]
            published = kit.channels[account.channel].limits if account.channel in kit.channels else ()
            times, bound_by = _times(ahead, campaign_id, limits(account, published), tx.now)
            first, last = (min(times), max(times)) if times else (None, None)
            answer.append(LaneAhead(account.name, of_this, others, first, last, bound_by, held, until))
    return answer


def _times(
    waiting: Sequence[Waiting], campaign_id: str, paced_by: Sequence[Limit], now: datetime
) -> tuple[list[datetime], str]:
    """When this campaign's own messages would leave, and what their account would wait for the longest."""
    seen = forecast(paced_by, waiting, start=now.timestamp())
    if seen is None:
        return [], ""
    own = {one.id for one in waiting if one.campaign == campaign_id}
    return [datetime.fromtimestamp(at, UTC) for named, at in seen.times if named in own], seen.bound_by
