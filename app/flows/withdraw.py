"""Withdraw: what an owner was asked to send and nobody wants any more is taken from him, if he has not sent it."""

from datetime import timedelta
from typing import Any

from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.domain.tasks import store as tasks
from app.domain.tasks.states import News
from app.domain.tasks.states import State as TaskState
from app.flows.ask import delivery
from app.flows.asked import hear_of_tasks
from app.flows.brief import Campaign
from app.flows.kit import Kit
from app.flows.lanes import open_lanes

BATCH = 500
PATIENCE = timedelta(hours=24)
STOPPED = "the campaign is held or was cancelled"
NOT_NEEDED = "nothing in it waits for him any more"


async def tend_tasks(kit: Kit) -> int:
    """Go by what became of deliveries about tasks, and take back what is stopped; answers how much there was."""
    async with kit.db.read() as tx:
        if not await tasks.any_going_on(tx):
            return 0
    return max(await hear_of_tasks(kit), await withdraw_stopped(kit))


async def withdraw_stopped(kit: Kit) -> int:
    """Tasks of campaigns that are paused or were cancelled are taken back; answers how many."""
    async with kit.db.read() as tx:
        stopped = await campaigns.stopped(tx, await tasks.open_in(tx))
        found = await tasks.in_state(tx, TaskState.OPEN, campaign_ids=stopped, limit=BATCH) if stopped else []
    for seen in found:
        async with kit.db.write() as tx:
            campaign = await campaigns.hold(tx, seen.campaign_id)
            task = await tasks.take(tx, seen.id)
            if campaign is not None and task is not None and await campaigns.stopped(tx, [campaign.id]):
                await withdraw(tx, campaign, task, reason=STOPPED)
    return len(found)


async def withdraw(tx: Tx, campaign: Campaign, task: Any, *, reason: str) -> None:
    """Have this locked task taken from its owner, once. No pause holds that back."""
    about = {name: getattr(task, name) for name in ("center_id", "campaign_id", "account_id", "leader_id", "text_id")}
    row = delivery(tx, task.id, about, kind=Kind.RECALL, of_id=task.delivery_id)
    row["expires_at"] = tx.now + PATIENCE
    await open_lanes(tx, campaign, {task.account_id})
    await deliveries.create(tx, [row])
    if await tasks.move(tx, task.id, News.UNWANTED, reason=reason, recall_id=row["id"]):
        held = await relays.take_of_task(tx, task.id)
        waiting = [one.id for one in held if one.state in (State.ASSIGNED, State.ACKNOWLEDGED)]
        await relays.note(tx, waiting, f"the task is withdrawn from its owner: {reason}")
        tx.then(WAKE, "withdraw")
