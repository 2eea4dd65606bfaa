"""The links in letters, minted when a letter leaves: a token exists in its letter and, hashed, in the database."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from app.core.db import Tx
from app.domain.deliveries.rules import Claimed
from app.domain.deliveries.states import Kind
from app.domain.links import service as links
from app.domain.links.rules import Holder
from app.flows.kit import Kit
from app.flows.letters import place_of

LINK_OUTLIVES = timedelta(hours=24)


async def links_in(kit: Kit, tx: Tx, claimed: Sequence[Claimed]) -> dict[str, dict[str, str]]:
    """Fresh links for each letter among these, by the name of their place in it: a personal one for a leader in each
    campaign it speaks of, a shared one for the main group."""
    letters = [
        (one, campaign_id, place)
        for one in claimed
        if one.leader_id and not one.about_task
        for campaign_id, place in [(one.campaign_id, "link"), *((each, place_of(each)) for each in _also(one))]
    ]
    tokens = await links.mint_many(
        tx,
        [Holder(one.center_id, about, str(one.leader_id), one.expires_at + LINK_OUTLIVES) for one, about, _ in letters],
    )
    minted: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (one, _, place), token in zip(letters, tokens, strict=True):
        minted[one.id][place] = f"{kit.settings.base_url}/r/{token.text}"
    for one in claimed:
        if one.kind == Kind.HAND_OFF and one.group_id:
            token = await links.share(tx, one.center_id, one.campaign_id, expires_at=one.expires_at + LINK_OUTLIVES)
            minted[one.id]["link"] = f"{kit.settings.base_url}/g/{token.text}"
    return dict(minted)


def _also(one: Claimed) -> list[str]:
    """The other campaigns a letter speaks of: its row names them, whatever stands in its words."""
    return (one.also or "").split()
