"""Ask to delete: what a person put into a group is deleted by him alone; he is asked to, whoever was asked last."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.core.db import Tx
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.recalls import store as recalls
from app.domain.recalls.states import News
from app.domain.relays import store as relays
from app.domain.relays.states import Via
from app.domain.tasks import store as tasks
from app.flows.brief import Campaign
from app.flows.correspond import write
from app.flows.taken_back import not_taken_back

PATIENCE = timedelta(hours=24)
UNREACHED = "it was posted by hand, and no account can write to whoever posted it"


async def ask_to_delete(tx: Tx, campaign: Campaign, stands: Sequence[Any]) -> None:
    """One letter for everybody who posted some of these, about all that he posted and that is to go."""
    by_whom = await _by_whom(tx, campaign, stands)
    theirs = await relays.relayed_by_hand(tx, campaign.id, sorted(set(by_whom.values())))
    wanted = await recalls.wanted(tx, [relay.id for relay in theirs])
    further = [relay for relay in theirs if relay.id in wanted and relay.id not in {one.id for one in stands}]
    by_whom |= await _by_whom(tx, campaign, further)
    mine: defaultdict[str, list[Any]] = defaultdict(list)
    for relay in sorted((*stands, *further), key=lambda relay: relay.group_id):
        if relay.id in by_whom:
            mine[by_whom[relay.id]].append(relay)
    reached = await write(tx, campaign, mine, kind=Kind.RECALL, until=tx.now + PATIENCE)
    asked = [relay.id for leader in reached for relay in mine[leader]]
    await recalls.move(tx, asked, News.ASKED, actor="muster", reason="whoever posted it is asked to delete it")
    alone = [relay.id for relay in stands if by_whom.get(relay.id) not in reached]
    await not_taken_back(tx, alone, UNREACHED)


async def _by_whom(tx: Tx, campaign: Campaign, relayed: Sequence[Any]) -> dict[str, str]:
    """Who posted each of these, by its id, as far as that is known: who said that it is done; for whom the head said
    so, the head; and where the platform saw it, the owner whom it had asked."""
    said = await relays.said_done(tx, [relay.id for relay in relayed])
    head = (await directory.headquarters(tx, campaign.center_id)).head_id
    asked = await tasks.get(tx, sorted({relay.task_id for relay in relayed if relay.task_id}))
    found: dict[str, str | None] = {}
    for relay in relayed:
        owner = asked[relay.task_id].leader_id if relay.task_id else relay.leader_id
        found[relay.id] = said.get(relay.id) or (head if relay.via is Via.HEAD else owner)
    return {relay_id: leader for relay_id, leader in found.items() if leader}
