"""Lanes ahead: when each account of a running campaign will be through and what it waits for, from the pacer itself."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.db import Tx
from app.domain.access import store as access
from app.domain.accounts import store as accounts
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import noticed
from app.domain.directory import store as directory
from app.domain.pacing.rules import Forecast, Pacer, Waiting, forecasts, gap
from app.flows.kit import Kit
from app.flows.night import Night, night_over
from app.flows.predecessors import hear_of
from app.flows.quotas import ration
from app.flows.terms import terms

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
    free = {} if everything or len(rows) > MOST else {key: those for key, those in waiting.items() if key not in shut}
    seen = await _forecasts(kit, tx, free, await _night(tx, rows))
    answer = []
    for account in await accounts.get(tx, sorted(waiting)):
        own = {one.id for one in waiting[account.id] if one.campaign == campaign_id}
        if own:
            held, until = everything or shut.get(account.id) or ("", None)
            found = seen.get(account.id)
            times = [datetime.fromtimestamp(at, UTC) for named, at in found.times if named in own] if found else []
            first, last = (min(times), max(times)) if times else (None, None)
            others, bound_by = len(waiting[account.id]) - len(own), found.bound_by if found else ""
            answer.append(LaneAhead(account.name, len(own), others, first, last, bound_by, held, until))
    return answer


async def _night(tx: Tx, rows: Sequence[Any]) -> Night:
    """When these keep quiet, as the drain will find out when their turn comes."""
    posts = [row for row in rows if noticed(row.of_id)]
    wakeful = await campaigns.wakeful(tx, sorted({row.campaign_id for row in posts}))
    posts = [row for row in posts if row.campaign_id not in wakeful]
    groups = await directory.doors(tx, sorted({row.group_id for row in posts if row.group_id}))
    zones = await access.zones(tx, sorted({row.center_id for row in posts}))
    return await night_over(tx, posts, {row.id: row for row in groups}, zones)


async def _forecasts(kit: Kit, tx: Tx, waiting: Mapping[str, Sequence[Waiting]], night: Night) -> dict[str, Forecast]:
    """When these would leave: by the terms and the quotas of their accounts, what those have said of late, and the
    sleep of their groups."""
    known = (await terms(kit, tx, waiting)).values()
    pacers: dict[str, Pacer] = {}
    for one in known:
        fresh = one.pacers()
        await hear_of(tx, fresh, longest_s=one.longest_s)
        pacers |= fresh
    await ration(tx, known, pacers, waiting.keys())
    return forecasts(pacers, waiting, start=tx.now.timestamp(), put_off=night.put_off)
