"""By hand: what a platform does not let an owner send becomes his task by link, where a leader may be asked at all."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import RouteChoice
from app.domain.relays import store as relays
from app.domain.relays.states import News, State
from app.flows.brief import Campaign
from app.flows.correspond import Held
from app.flows.night import Turn, turns

_ASKED = (State.ASSIGNED, State.ACKNOWLEDGED)


async def by_hand(tx: Tx, campaign: Campaign, held: Sequence[Held], *, reason: str) -> None:
    """These locked relays are in no task any more. Whoever was asked already has as much time as he had first; what is
    missed stays missed, and the policy goes on. Where no leader may be asked, they fail."""
    routes = {
        group.group_id: group.routes
        for group in await campaigns.frozen(tx, campaign.id, [relay.group_id for relay in held])
    }
    may = [
        relay for relay in held if campaign.route is not RouteChoice.BOT and "leader" in routes.get(relay.group_id, ())
    ]
    alone = [relay.id for relay in held if relay not in may]
    await relays.move(tx, alone, News.RULED_OUT, actor="muster", reason=reason, next_step_at=None)
    await relays.by_hand(tx, [relay.id for relay in held])
    said = f"{reason}: its leader is asked by link"
    await relays.note(tx, [relay.id for relay in may if relay.state not in _ASKED], said)
    alike: defaultdict[Turn, list[str]] = defaultdict(list)
    for relay_id, turn in (await turns(tx, campaign, [relay for relay in may if relay.state in _ASKED])).items():
        alike[turn].append(relay_id)
    for (begins_at, ends_at), relay_ids in alike.items():
        values: dict[str, Any] = {"starts_at": begins_at, "deadline_at": ends_at}
        values |= {"next_step_at": None, "steps_taken": 0}
        await relays.move(tx, relay_ids, News.TAKEN_AWAY, actor="muster", reason=said, **values)
        await campaigns.lasts(tx, campaign.id, until=ends_at)
