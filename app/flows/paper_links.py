"""Links on paper: for leaders whom no account can write to, the head hands the links out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core import audit
from app.domain.access.rules import Caller
from app.domain.campaigns import service as campaigns
from app.domain.directory import store as directory
from app.domain.links import service as links
from app.domain.links.rules import Holder
from app.domain.relays import store as relays
from app.flows.kit import Kit
from app.flows.links_in import LINK_OUTLIVES


@dataclass(frozen=True)
class PaperLink:
    """One leader's fresh link, with how many groups he has and how many are still open."""

    leader_id: str
    leader: str
    groups: int
    open: int
    url: str = field(repr=False)


async def paper_links(kit: Kit, caller: Caller, campaign_id: str) -> Sequence[PaperLink]:
    """A fresh link for each leader who has groups of this campaign, by name. Raises NotFound."""
    async with kit.db.write() as tx:
        campaign = await campaigns.found(tx, caller.center_id, campaign_id)
        held = {row.leader_id: row for row in await relays.leaders_of(tx, campaign_id)}
        people = sorted(await directory.people(tx, list(held)), key=lambda person: person.name)
        expires_at = (campaign.ends_at or tx.now) + LINK_OUTLIVES
        tokens = await links.mint_many(
            tx, [Holder(campaign.center_id, campaign_id, person.id, expires_at) for person in people]
        )
        await audit.note(
            tx, caller.center_id, actor=caller.actor, action="campaign.links", subject=campaign_id, count=len(people)
        )
    return [
        PaperLink(
            person.id,
            person.name,
            held[person.id].groups,
            held[person.id].still_open,
            f"{kit.settings.base_url}/r/{token.text}",
        )
        for person, token in zip(people, tokens, strict=True)
    ]
