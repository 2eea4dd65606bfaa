"""Relief: what is done is nobody's task any more. Whoever else was asked for it hears so, and an account that was to
post it does not."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Protocol

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.escalation.rules import patience
from app.domain.relays import store as relays
from app.domain.relays.states import Route
from app.flows.correspond import Held, write
from app.flows.remind_anew import remind_again


class Settled(Held, Protocol):
    """A relay as it stood before it was done, or was no longer wanted."""

    route: Route | None
    nudges: int


async def stand_down(tx: Tx, campaign_id: str, settled: Sequence[tuple[Settled, str]]) -> None:
    """These relays need nobody any more; each with the leader who did it, or with nobody's empty id."""
    posts = [relay.id for relay, _ in settled if relay.route is Route.BOT]
    if posts:
        await deliveries.stand_down_posts(tx, posts, reason="a leader has posted it")
    others: defaultdict[str, list[Held]] = defaultdict(list)
    for relay, by in settled:
        if relay.leader_id and relay.leader_id != by and relay.assigned_at:
            others[relay.leader_id].append(relay)
    await spare(tx, campaign_id, {*others, *(by for _, by in settled)} - {""})
    campaign = await campaigns.look(tx, campaign_id) if others else None
    if campaign is not None:
        times = [
            patience(starts_at=relay.starts_at, deadline_at=relay.deadline_at)
            for some in others.values()
            for relay in some
        ]
        await write(tx, campaign, others, kind=Kind.ESCALATION, words="relieved", until=tx.now + max(times))


async def spare(tx: Tx, campaign_id: str, leader_ids: Collection[str], *, besides: Sequence[str] = ()) -> None:
    """Those of these leaders for whom nothing waits any more, besides these relays, are not asked or reminded."""
    free = await deliveries.written_to(tx, sorted(leader_ids))  # mostly nobody: what he was sent has left long ago
    if free:
        free -= await relays.waited_for(tx, campaign_id, sorted(free), besides=besides)
    if free:
        reason = "nothing waits for this leader any more"
        await deliveries.stand_down_letters(tx, campaign_id, sorted(free), reason=reason)
        await remind_again(tx, campaign_id, sorted(free))
