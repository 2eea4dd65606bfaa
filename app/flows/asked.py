"""Asked: what became of the asking. An owner who was asked has his groups from then on; where he was not, a leader is
asked by link; where nobody can know, that is said."""

from typing import Any

import structlog

from app.core.db import Tx
from app.core.outages import concerns_all
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import State as DeliveryState
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.domain.relays.states import TO_SEND, State
from app.domain.relays.states import News as RelayNews
from app.domain.tasks import rules
from app.domain.tasks import store as tasks
from app.domain.tasks.states import News
from app.domain.tasks.states import State as TaskState
from app.flows.assign import assign
from app.flows.brief import Campaign
from app.flows.by_hand import by_hand
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

BATCH = 500
LEFT_OUT = "its platform says that it is no group of this owner's"


async def hear_of_tasks(kit: Kit) -> int:
    """Go by what became of the deliveries that ask owners, or let them go; answers how many told something."""
    async with kit.db.read() as tx:
        asking = await tasks.in_state(tx, TaskState.ASKING, limit=BATCH)
        leaving = await tasks.in_state(tx, TaskState.WITHDRAWING, limit=BATCH)
        waiting = {task.delivery_id: task for task in asking} | {str(task.recall_id): task for task in leaving}
        ended = await deliveries.ended(tx, list(waiting)) if waiting else {}
    for delivery_id, told in ended.items():
        try:
            async with kit.db.write() as tx:
                await _hear(tx, waiting[delivery_id], told)
        except Exception as error:
            if concerns_all(error):
                raise
            log.exception("task_not_heard", task=waiting[delivery_id].id)
    return len(ended)


async def _hear(tx: Tx, seen: Any, told: Any) -> None:
    campaign = await campaigns.hold(tx, seen.campaign_id)
    task = await tasks.take(tx, seen.id)
    assert campaign is not None, "a task is a campaign's"
    if task is None or task.state is not seen.state:
        return
    if task.state is TaskState.WITHDRAWING:
        await _let_go(tx, task, told)
    elif told.state is DeliveryState.SENT:
        await given(tx, campaign, task, number=told.message_id, reason="")
    elif told.state is DeliveryState.UNCERTAIN:
        await _unknown(tx, task, told.reason)
    else:
        await tasks.move(tx, task.id, News.REFUSED, reason=told.reason)
        held = [relay for relay in await relays.take_of_task(tx, task.id) if relay.state in TO_SEND]
        if told.state is DeliveryState.FAILED and campaign.state is not CampaignState.CANCELLED:
            await by_hand(tx, campaign, held, reason=f"its platform did not ask its owner ({told.reason})")


async def given(tx: Tx, campaign: Campaign, task: Any, *, number: str, reason: str) -> None:
    """The owner was asked: his groups are his from now on, but for those that the task is not for."""
    if not await tasks.move(tx, task.id, News.GIVEN, number=number, asked_at=tx.now, look_at=tx.now + rules.FIRST):
        return
    held = await relays.take_of_task(tx, task.id)
    doors = {row.id: row.address for row in await directory.doors(tx, [relay.group_id for relay in held])}
    out = [relay for relay in held if doors.get(relay.group_id) in task.left_out and relay.state in TO_SEND]
    [owner] = await directory.people(tx, [task.leader_id])
    said = f"{owner.name} was asked by the platform itself to send it{f' ({reason})' if reason else ''}"
    waiting = [relay for relay in held if relay not in out and relay.state in (State.PLANNED, State.UNCERTAIN)]
    await assign(tx, campaign, waiting, reached=(), otherwise=said)
    await by_hand(tx, campaign, out, reason=LEFT_OUT)


async def _unknown(tx: Tx, task: Any, reason: str) -> None:
    await tasks.move(tx, task.id, News.LINE_LOST, reason=reason, look_at=tx.now + rules.SOONEST)
    held = [relay.id for relay in await relays.take_of_task(tx, task.id)]
    why = f"nobody can know whether its owner was asked ({reason})"
    await relays.move(tx, held, RelayNews.LINE_LOST, actor="muster", reason=why)


async def _let_go(tx: Tx, task: Any, told: Any) -> None:
    """One more look tells, in either case, what he sent before."""
    if told.state is DeliveryState.SENT:
        await tasks.move(tx, task.id, News.TAKEN_BACK, look_at=tx.now)
        return
    await tasks.move(tx, task.id, News.STAYS, reason=told.reason, look_at=tx.now)
    held = [relay.id for relay in await relays.take_of_task(tx, task.id) if relay.state is not State.RELAYED]
    await relays.note(tx, held, f"the task could not be withdrawn ({told.reason}): its owner may still send it")


async def settled(tx: Tx, campaign: Campaign, delivery_id: str, *, asked: bool, actor: str, reason: str) -> None:
    """A human has looked whether this delivery asked its owner. If so, nobody can ask his platform after it, and it is
    his own word that counts."""
    task = (await tasks.asked_by(tx, [delivery_id])).get(delivery_id)
    if task is None or not await tasks.move(tx, task.id, News.OVER if asked else News.ASKED_AGAIN, reason=reason):
        return
    held = await relays.take_of_task(tx, task.id)
    if asked:
        await assign(tx, campaign, [one for one in held if one.state is State.UNCERTAIN], reached=(), otherwise=reason)
        await relays.by_hand(tx, [relay.id for relay in held])
    else:
        named = [relay.id for relay in held]
        await relays.move(tx, named, RelayNews.FOUND_NOT_SENT, actor=actor, reason=reason)
