"""Adopt: what lost its leader before anybody was asked is somebody else's when its time comes."""

from app.core.db import Tx
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.flows.advance import by
from app.flows.assign import assign
from app.flows.brief import Campaign

NOBODY = "nobody answers for this group any more"
ANOTHER = "given to another from the start: another answers for the group now"


async def adopt(tx: Tx, campaign: Campaign) -> list[str]:
    """Give what is nobody's of this campaign, as far as its time has come, to the first in line; answers the leaders
    who get some. Where nobody is, the policy goes on with it, as if it had been lost afterwards."""
    held = await relays.take_orphans(tx, campaign.id)
    lines = await directory.lines(tx, campaign.center_id, [relay.group_id for relay in held])
    to = {relay.id: next(iter(lines[relay.group_id].whole), None) for relay in held}
    left = [relay for relay in held if to[relay.id] is None]
    await relays.by_hand(tx, [relay.id for relay in left])
    await assign(tx, campaign, left, reached=(), otherwise=NOBODY)
    found = {leader: some for leader, some in by(to, lambda relay_id: to[relay_id]).items() if leader}
    for leader_id, some in found.items():
        await relays.replace_planned(tx, some, leader_id, actor="muster", reason=ANOTHER)
    return list(found)
