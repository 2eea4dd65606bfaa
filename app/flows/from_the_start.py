"""From the start: relays that nobody was asked for yet are somebody else's, as if they had been planned so."""

from collections.abc import Mapping

from app.core.db import Tx
from app.domain.relays import store as relays
from app.flows.advance import by
from app.flows.brief import Campaign
from app.flows.replace_tiers import spare_themselves


async def give_from_the_start(tx: Tx, campaign: Campaign, to: Mapping[str, str], *, actor: str, because: str) -> None:
    """Give these locked planned relays, by id, to these leaders; what is a leader's own to open does not wait for
    him."""
    reason = f"given to another from the start: {because}"
    for leader_id, some in by(to, lambda relay_id: to[relay_id]).items():
        await relays.replace_planned(tx, some, leader_id, actor=actor, reason=reason)
    await spare_themselves(tx, campaign, set(to.values()), actor=actor)
