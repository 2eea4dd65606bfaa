"""Fared: what a platform says of the groups in a task moves the ledger: sent, refused, or waiting for its owner."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.channels.tasks import Fared, Fate, Fates
from app.core.db import Tx
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import News as DeliveryNews
from app.domain.directory import store as directory
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import TO_SEND, VIA, Evidence, News, Part, Route, State
from app.domain.tasks import rules
from app.domain.tasks import store as tasks
from app.domain.tasks.states import News as TaskNews
from app.domain.tasks.states import State as TaskState
from app.flows.asked import given
from app.flows.brief import Campaign
from app.flows.by_hand import by_hand
from app.flows.relief import stand_down
from app.flows.withdraw import NOT_NEEDED, withdraw

_NOT_TOLD = Fared(Fate.UNKNOWN, "", "The platform did not name it.")
_ENDS = (Fate.STANDS, Fate.FAILED)


async def found_again(tx: Tx, campaign: Campaign, task: Any, number: str | None) -> None:
    """A task that nobody knew of is in the platform's list, or, as far as that goes, in none."""
    if number is not None:
        reason = f"found in the platform's own list: {number}"
        about: dict[str, Any] = {"actor": "muster", "reason": reason, "message_id": number}
        await deliveries.settle(tx, task.center_id, task.delivery_id, DeliveryNews.FOUND_SENT, **about)
        await given(tx, campaign, task, number=number, reason="it was found in its list")
    elif _over(tx, campaign):
        await tasks.move(tx, task.id, TaskNews.OVER, reason="its campaign is over, and nobody knows")
    else:
        await tasks.look_at(tx, [task.id], rules.look_again(task.made_at, tx.now))


async def apply(tx: Tx, campaign: Campaign, task: Any, fates: Fates) -> None:
    """Go by what the platform says of each group of this locked task, and decide when it is asked again, if ever."""
    held = await relays.take_of_task(tx, task.id)
    doors = {row.id: row.address for row in await directory.doors(tx, [relay.group_id for relay in held])}
    fared = {relay.id: fates.get(doors.get(relay.group_id, ""), _NOT_TOLD) for relay in held}
    stands = [relay for relay in held if fared[relay.id].fate is Fate.STANDS]
    await _verify(tx, task, stands, fared)
    refused: defaultdict[str, list[Any]] = defaultdict(list)
    for relay in held:
        if fared[relay.id].fate is Fate.FAILED and relay.state in TO_SEND and relay.leader_id == task.leader_id:
            refused[fared[relay.id].detail.rstrip(".")].append(relay)
    for why, some in refused.items():
        await by_hand(tx, campaign, some, reason=why)
    open_still = [relay for relay in held if fared[relay.id].fate not in _ENDS]
    his = [relay for relay in open_still if relay.state in TO_SEND and relay.leader_id == task.leader_id]
    if not open_still:
        await tasks.move(tx, task.id, TaskNews.OVER)
    elif task.state is TaskState.WITHDRAWN and all(fared[relay.id].fate is Fate.WAITING for relay in his):
        await _give_back(tx, campaign, his)
        await tasks.move(tx, task.id, TaskNews.OVER)
    elif _over(tx, campaign):
        await tasks.move(tx, task.id, TaskNews.OVER, reason="its campaign is over")
    elif task.state is TaskState.OPEN and not his:
        await withdraw(tx, campaign, task, reason=NOT_NEEDED)
    else:
        await tasks.look_at(tx, [task.id], _next_look(tx, task, his), reason="")


async def _verify(tx: Tx, task: Any, stands: Sequence[Any], fared: Fates) -> None:
    """These were sent, says the platform. Whoever else is on them hears so."""
    parts = await relays.holdings(tx, [relay.id for relay in stands])
    alike: defaultdict[tuple[datetime, bool, Part], list[str]] = defaultdict(list)
    for relay in stands:
        at = rules.said_at(fared[relay.id].at, asked_at=task.asked_at, now=tx.now)
        holding = parts.get((relay.id, task.leader_id))
        alike[at, at > relay.deadline_at, holding.part if holding else Part.PRIMARY].append(relay.id)
    [owner] = await directory.people(tx, [task.leader_id])
    moved: set[str] = set()
    for (at, late, part), relay_ids in alike.items():
        values: dict[str, Any] = {"via": VIA[part], "evidence": Evidence.PLATFORM_VERIFIED, "late": late}
        values |= {"relayed_at": at, "next_step_at": None, "route": Route.LEADER}
        reason = f"the platform says that {owner.name} sent it"
        moved.update(await relays.move(tx, relay_ids, News.VERIFIED, actor="muster", reason=reason, **values))
    his = [relay.id for relay in stands if relay.id not in moved and relay.leader_id == task.leader_id]
    await relays.attest(tx, his, f"the platform says that {owner.name} sent it")
    done = [(relay, task.leader_id) for relay in stands if relay.id in moved and relay.state is not State.CANCELLED]
    await stand_down(tx, task.campaign_id, done)
    await recalls.stand(tx, sorted(moved))


async def _give_back(tx: Tx, campaign: Campaign, his: Sequence[Any]) -> None:
    """What he had not sent when the task was taken from him is to be asked for anew when the campaign goes on."""
    if campaign.state is CampaignState.CANCELLED:
        return
    ids = [relay.id for relay in his]
    values: dict[str, Any] = {"next_step_at": None, "steps_taken": 0, "task_id": None}
    reason = "the task was withdrawn; its owner is asked anew when the campaign goes on"
    await relays.move(tx, ids, News.TAKEN_AWAY, actor="muster", reason=reason, **values)
    await relays.by_hand(tx, [relay.id for relay in his if relay.state is State.MISSED])


def _over(tx: Tx, campaign: Campaign) -> bool:
    return campaign.ends_at is not None and tx.now > campaign.ends_at + rules.OUTLIVES


def _next_look(tx: Tx, task: Any, his: Sequence[Any]) -> datetime:
    """Before anything is done because he has not sent it."""
    ahead = {at for relay in his for at in (relay.deadline_at, relay.next_step_at) if at is not None}
    return rules.look_again(task.asked_at, tx.now, before=ahead)
