"""Control: pause, resume, cancel, the kill switch, and settling what is uncertain. A stop is one row; it holds from
the next claim on, however many deliveries wait behind it; and when it returns, no claim is under way any more that had
not seen it, and what was claimed before has begun to leave or is held back."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import structlog

from app.core import audit
from app.core.db import TROUBLE, Tx
from app.core.errors import Conflict, NotFound
from app.core.jobs import WAKE
from app.domain.access import store as access
from app.domain.access.rules import Caller
from app.domain.campaigns import service, store
from app.domain.campaigns.states import News, State
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import SURE_FOR
from app.domain.deliveries.states import STANDS_FOR, Kind
from app.domain.deliveries.states import News as DeliveryNews
from app.domain.deliveries.states import State as DeliveryState
from app.domain.relays import store as relays
from app.domain.relays.states import Evidence, Via
from app.domain.relays.states import News as RelayNews
from app.domain.shards import store as shards
from app.flows.asked import settled as settled_task
from app.flows.call_off import may_come_back
from app.flows.kit import Kit
from app.flows.remind_anew import remind_again, remind_resumed
from app.flows.taken_back import settled

log = structlog.get_logger(__name__)

SWITCHED_OFF = "the kill switch of this center is on"
WAY_OUT = timedelta(milliseconds=15)
"""So long it may take from the moment that words may leave until they have, and to be told of a look."""


async def pause(kit: Kit, caller: Caller, campaign_id: str) -> None:
    """Nothing of this campaign leaves until it is resumed. Raises Conflict unless it runs or is scheduled."""
    async with kit.db.write() as tx:
        await _tell(tx, caller, campaign_id, News.PAUSED, "pause")
        await deliveries.close_gate(tx, campaign_id, reason="the campaign is paused")
        await remind_again(tx, campaign_id)
    await outlast_claims(kit, campaign_id)


async def resume(kit: Kit, caller: Caller, campaign_id: str) -> None:
    async with kit.db.write() as tx:
        await _tell(tx, caller, campaign_id, News.RESUMED, "resume")
        await deliveries.open_gate(tx, campaign_id)
        campaign = await store.hold(tx, campaign_id)
        if campaign is not None and campaign.state is State.RUNNING:
            await remind_resumed(tx, campaign)
        tx.then(WAKE, "resume")


async def cancel(kit: Kit, caller: Caller, campaign_id: str) -> None:
    """What has not left will not leave; what is under way is observed. Cancelling twice is the same as once."""
    async with kit.db.write() as tx:
        await store.hold(tx, campaign_id)  # of two who cancel at once, the second sees that it is done
        campaign = await service.found(tx, caller.center_id, campaign_id)
        if campaign.state is not State.CANCELLED:
            await _tell(tx, caller, campaign_id, News.CANCELLED, "cancel")
            await deliveries.close_gate(tx, campaign_id, reason="the campaign was cancelled")
            await remind_again(tx, campaign_id)
    await outlast_claims(kit, campaign_id)


async def stop(kit: Kit, caller: Caller) -> None:
    """The kill switch: nothing of this center leaves until `start`."""
    async with kit.db.write() as tx:
        await access.set_stopped(tx, caller.center_id, stopped=True)
        await deliveries.close_gate(tx, caller.center_id, reason=SWITCHED_OFF)
        await audit.note(tx, caller.center_id, actor=caller.actor, action="center.stop", subject=caller.center_id)
    await outlast_claims(kit, caller.center_id)


async def outlast_claims(kit: Kit, subject: str) -> None:
    """A claim that read the gates just before this one closed may still be on its way to its commit, and its words on
    theirs to the platform, as may words of which somebody looked at the gates just before: wait for all of them. The
    stop stands whether or not this succeeds."""
    left_at = time.monotonic() + (SURE_FOR + WAY_OUT).total_seconds()
    try:
        async with kit.db.read() as tx:
            await shards.outlast(tx)
            sending = await deliveries.any_sending(tx, subject)
    except TROUBLE as error:
        log.warning("claims_not_outlasted", because=type(error).__name__)
    else:
        if sending:
            await asyncio.sleep(left_at - time.monotonic())


async def start(kit: Kit, caller: Caller) -> None:
    async with kit.db.write() as tx:
        await access.set_stopped(tx, caller.center_id, stopped=False)
        await deliveries.open_gate(tx, caller.center_id)
        await audit.note(tx, caller.center_id, actor=caller.actor, action="center.start", subject=caller.center_id)
        tx.then(WAKE, "start")


async def settle(kit: Kit, caller: Caller, delivery_id: str, *, sent: bool, note: str) -> None:
    """A human says what became of an uncertain delivery. The first word counts; a second one is a Conflict."""
    async with kit.db.write() as tx:
        news = DeliveryNews.FOUND_SENT if sent else DeliveryNews.FOUND_NOT_SENT
        reason = f"settled by {caller.actor}: {note}" if note else f"settled by {caller.actor}"
        await may_come_back(tx, delivery_id)
        delivery = await deliveries.settle(tx, caller.center_id, delivery_id, news, actor=caller.actor, reason=reason)
        if delivery is None:
            await _explain(tx, caller.center_id, delivery_id)
        elif delivery.kind is Kind.TASK:
            campaign = await store.hold(tx, delivery.campaign_id)
            assert campaign is not None, "a task is a campaign's"
            await settled_task(tx, campaign, delivery_id, asked=sent, actor=caller.actor, reason=reason)
            tx.then(WAKE, "settled")
        elif delivery.kind is Kind.RECALL:
            await settled(tx, delivery, gone=sent, actor=caller.actor, reason=reason)
        elif delivery.relay_id and delivery.kind in STANDS_FOR and sent and not delivery.following:
            values: dict[str, Any] = {"via": Via.BOT, "evidence": Evidence.SELF_REPORTED, "relayed_at": tx.now}
            await relays.move(tx, [delivery.relay_id], RelayNews.POSTED, actor=caller.actor, reason=reason, **values)
        elif not sent or delivery.following:
            if delivery.relay_id and delivery.kind in STANDS_FOR:
                told = RelayNews.PART_POSTED if sent else RelayNews.FOUND_NOT_SENT
                await relays.move(tx, [delivery.relay_id], told, actor=caller.actor, reason=reason)
            tx.then(WAKE, "settled")
        outcome = "sent" if sent else "not_sent"
        await audit.note(
            tx, caller.center_id, actor=caller.actor, action="delivery.resolve", subject=delivery_id, outcome=outcome
        )


async def _explain(tx: Tx, center_id: str, delivery_id: str) -> None:
    state = await deliveries.state_of(tx, center_id, delivery_id)
    if state is None:
        raise NotFound("delivery_not_found", "There is no such delivery in this center.")
    if state is not DeliveryState.UNCERTAIN:
        raise Conflict("not_uncertain", f"This delivery is {state.value}; only an uncertain one can be settled.")


async def _tell(tx: Tx, caller: Caller, campaign_id: str, news: News, verb: str) -> None:
    campaign = await service.found(tx, caller.center_id, campaign_id)
    if not await store.tell(tx, campaign_id, news, actor=caller.actor):
        raise Conflict("wrong_state", f"A campaign that is {campaign.state.value} cannot be told to {verb}.")
    await audit.note(tx, caller.center_id, actor=caller.actor, action=f"campaign.{verb}", subject=campaign_id)
