"""Orphaned: groups of a running campaign that nobody answers for any more, of which the head hears once."""

from collections.abc import Sequence

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.flows.advance import by
from app.flows.correspond import Held, write
from app.flows.kit import Kit
from app.flows.letters import Besides
from app.flows.ring import WORTH
from app.flows.tell_tiers import note


async def tell_of_orphans(kit: Kit, tx: Tx, orphans: Sequence[Held]) -> None:
    """One letter for each campaign in which these have just become nobody's, to the head, and a line that says so."""
    for campaign_id, some in by(orphans, lambda relay: relay.campaign_id).items():
        campaign = await campaigns.hold(tx, campaign_id)
        if campaign is None or campaign.state is Control.CANCELLED:
            continue
        head = (await directory.headquarters(tx, campaign.center_id)).head_id
        gone = await directory.unavailable(tx, campaign.center_id)
        said = Besides(len(some), {"where": f"{kit.settings.base_url}/campaigns/{campaign.id}/missed"})
        heads = {head: some} if head and head not in gone else {}
        told = await write(
            tx,
            campaign,
            heads,
            kind=Kind.ESCALATION,
            words="orphaned",
            until=tx.now + WORTH,
            besides=dict.fromkeys(heads, said),
        )
        await note(tx, campaign, f"{len(some)} groups are nobody's: the head is {'' if told else 'not '}told")
