"""Assign: relays become their leaders' own, with the first step of the policy stamped on each."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.core.db import Tx
from app.domain.escalation.rules import due_at, read
from app.domain.relays import store as relays
from app.domain.relays.states import News
from app.flows.brief import Campaign
from app.flows.correspond import Held

TOLD_IN_MAIN_GROUP = "told in the main group only: no account can write to the leader"
HAND_OUT = "no account can write to the leader: hand out the link"


async def assign(tx: Tx, campaign: Campaign, held: Sequence[Held], *, reached: Collection[str], otherwise: str) -> None:
    """From now on these are their leaders' to confirm; `reached` were written to, `otherwise` is said of the others."""
    steps = read(campaign.escalation)
    alike: defaultdict[tuple[datetime, bool], list[str]] = defaultdict(list)
    for relay in held:
        alike[relay.deadline_at, relay.leader_id in reached].append(relay.id)
    for (deadline_at, written), relay_ids in alike.items():
        next_step_at = due_at(steps, 0, starts_at=tx.now, deadline_at=deadline_at)
        values: dict[str, Any] = {"assigned_at": tx.now, "next_step_at": next_step_at}
        reason = "" if written else otherwise
        await relays.move(tx, relay_ids, News.HANDED_OFF, actor="muster", reason=reason, **values)
