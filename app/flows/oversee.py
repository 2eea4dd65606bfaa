"""Oversee: a regional leader, through his link, has a leader in his branch reminded, or gives a group of it to the next
in line. Said twice it is done once: he names what he saw."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.core import audit
from app.core.db import Tx
from app.core.errors import Conflict
from app.core.jobs import WAKE
from app.domain.campaigns.states import State as Control
from app.domain.cascade.rules import beneath
from app.domain.directory import store as directory
from app.domain.escalation.rules import Action
from app.domain.links import service as links
from app.domain.links.rules import Key, Opened
from app.domain.relays import store as relays
from app.flows.hear import called_off
from app.flows.kit import Kit
from app.flows.pass_on import successors
from app.flows.step_in import ASKED, OURS, give, meant, remind


@dataclass(frozen=True)
class Act:
    """What he wants done. `nudges` and `leader_id` are what he saw: how often the leader of this group was reminded,
    and who had it."""

    action: Literal["nudge", "hand_over"]
    nudges: int = 0
    leader_id: str = ""


async def oversee(kit: Kit, key: Key, relay_id: str, act: Act) -> bool | None:
    """Whether this very word did something. None: the key opens nothing, or the group is not in a branch of its leader.
    Raises Gone, and Conflict where it cannot be done."""
    async with kit.db.read() as tx:
        if await _opened(tx, key, relay_id) is None:
            return None
    async with kit.db.write() as tx:
        found = await _opened(tx, key, relay_id)
        if found is None:
            return None
        opened, branches = found
        campaign, relay = await meant(tx, opened.center_id, relay_id, ASKED if act.action == "nudge" else OURS)
        if campaign.state is Control.CANCELLED:
            raise called_off()
        [person] = await directory.people(tx, [opened.leader_id])
        actor = f"leader:{person.name}"
        if act.action == "nudge":
            if relay.nudges != act.nudges:
                return False
            his = await relays.asked_in(tx, campaign.id, str(relay.leader_id), branches)
            await remind(tx, campaign, relay.leader_id, his, actor=actor)
        else:
            if (relay.leader_id or "") != act.leader_id:
                return False
            to = await successors(tx, campaign, [relay], Action.DEPUTY)
            people = {opened.leader_id, *await directory.answering_in(tx, opened.center_id, branches)}
            if not to or to[relay_id].leader_id not in people:
                raise Conflict("nobody_in_line", "Nobody else in this branch is in line for this group.")
            await give(tx, campaign, relay, to, actor=actor)
        await audit.note(tx, opened.center_id, actor=actor, action=f"relay.{act.action}", subject=relay_id)
        tx.then(WAKE, act.action)
    return True


async def _opened(tx: Tx, key: Key, relay_id: str) -> tuple[Opened, Collection[str]] | None:
    """Whom the key speaks for, and his branches with all below them, if the relay is in one of them."""
    opened = await links.open_key(tx, key)
    if opened is None:
        return None
    tops = await directory.branches_led(tx, opened.center_id, opened.leader_id)
    branches = beneath(await directory.parents(tx, opened.center_id), tops)
    found = await relays.some(tx, opened.center_id, [relay_id])
    inside = found and found[0].campaign_id == opened.campaign_id and found[0].branch_id in branches
    return (opened, branches) if inside else None
