"""Receive: what platforms told is acted on. A group is known to be lost, found or moved; a receipt settles what nobody
could know; what people wrote is kept beside the group and the leader it belongs to. Run right after an event was
written down, and by the keeper; safe to run twice."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from app.core.db import Tx
from app.core.outages import concerns_all
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.directory.states import Health
from app.domain.inbox import rules
from app.domain.inbox import store as inbox
from app.domain.inbox.states import Matter
from app.domain.relays import store as relays
from app.domain.relays.states import News as RelayNews
from app.flows.call_off import end_relays
from app.flows.kit import Kit
from app.flows.receipts import WAITS, Event, stands, stands_not
from app.flows.taken_back import not_taken_back

log = structlog.get_logger(__name__)

BATCH = 500


async def receive(kit: Kit) -> int:
    """Act on every event that may be looked at now; answers how many that were."""
    async with kit.db.read() as tx:
        waiting = await inbox.due(tx, limit=BATCH)
    words = [event for event in waiting if event.matter is Matter.SAID]
    if words:
        async with kit.db.write() as tx:
            await _keep_words(tx, words)
    for event in waiting:
        if event.matter is not Matter.SAID:
            await _act(kit, event.id)
    return len(waiting)


async def _act(kit: Kit, event_id: str) -> None:
    """One event, whole or not at all. One that fails is looked at again later and holds up nobody."""
    try:
        async with kit.db.write() as tx:
            event = await inbox.take(tx, event_id)
            if event is None:
                return
            group_id = await _group(tx, event)
            outcome = await _ACTS[event.matter](kit, tx, event, group_id)
            again = rules.look_again(event.received_at, tx.now) if outcome == WAITS else None
            if again:
                await inbox.put_off(tx, event.id, again)
            else:
                await inbox.handled(tx, event.id, "unknown" if outcome == WAITS else outcome, group_id=group_id)
    except Exception as error:
        if concerns_all(error):
            raise
        log.exception("event_not_handled", event=event_id)
        async with kit.db.write() as tx:
            await inbox.put_off(tx, event_id, tx.now + rules.PATIENCE)


async def _group(tx: Tx, event: Event) -> str | None:
    """The group an event is about: one that its account posts to, at this address or by this delivery."""
    found = await directory.served_at(
        tx, event.center_id, event.account_id, platform=event.platform, address_keys=event.address_keys
    )
    if found or not event.delivery_id:
        return next(iter(found.values()), None)
    delivery = await deliveries.of_account(tx, event.account_id, event.delivery_id)
    return delivery.group_id if delivery else None


async def _gone(_kit: Kit, tx: Tx, event: Event, group_id: str | None) -> str:
    """Nothing can be posted there any more, so nothing waits for it to be tried."""
    if group_id is None:
        return "no_group"
    reason = (
        f"the platform says that the account is not in this group any more{f' ({event.code})' if event.code else ''}"
    )
    since = event.said_at or event.received_at
    if not await directory.tell_health(tx, group_id, Health.GONE, reason=reason, since=since):
        return "outdated"
    dropped = await deliveries.drop_at(tx, event.account_id, group_id, reason=reason, limit=BATCH)
    nothing = [relay for relay in dropped.ended if relay not in dropped.parts]
    begun = [relay for relay in dropped.ended if relay in dropped.parts]
    instead = tx.now  # a leader may be asked
    await relays.move(tx, nothing, RelayNews.REFUSED, actor="muster", reason=reason, next_step_at=instead)
    await end_relays(tx, dropped, begun, RelayNews.REFUSED, reason=reason)
    unknown = f"it was said without an answer, and then {reason}"
    await end_relays(tx, dropped, dropped.uncertain, RelayNews.LINE_LOST, reason=unknown)
    await not_taken_back(tx, dropped.left_standing, reason)
    log.warning("group_lost", group=group_id, because=event.code, dropped=dropped.count)
    return "group_gone"


async def _back(_kit: Kit, tx: Tx, event: Event, group_id: str | None) -> str:
    if group_id is None:
        return "no_group"
    since = event.said_at or event.received_at
    return (
        "group_sound" if await directory.tell_health(tx, group_id, Health.SOUND, reason="", since=since) else "outdated"
    )


async def _moved(kit: Kit, tx: Tx, event: Event, group_id: str | None) -> str:
    """The old address names nobody any more, so that the second telling of one move finds nothing to do."""
    channels = [channel for channel in kit.channels.values() if channel.platform == event.platform]
    if group_id is None:
        return "no_group"
    if not any(channel.address_problem(event.moved_to) is None for channel in channels if not channel.url_addresses):
        return "no_address"
    return "group_moved" if await directory.move_address(tx, group_id, event.moved_to) else "address_taken"


_ACTS: Mapping[Matter, Callable[[Kit, Tx, Event, str | None], Awaitable[str]]] = {
    Matter.GONE: _gone,
    Matter.BACK: _back,
    Matter.MOVED: _moved,
    Matter.DELIVERED: stands,
    Matter.READ: stands,
    Matter.FAILED: stands_not,
}


async def _keep_words(tx: Tx, words: Sequence[Event]) -> None:
    """What people wrote belongs to a group and, where one of the center's leaders wrote it, to him. It confirms
    nothing, whatever it says."""
    by_account: defaultdict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for event in words:
        by_account[event.center_id, event.account_id, event.platform].append(event)
    for (center_id, account_id, platform), events in by_account.items():
        keys = sorted({key for event in events for key in event.address_keys})
        groups = await directory.served_at(tx, center_id, account_id, platform=platform, address_keys=keys)
        people = await directory.contacts(tx, center_id, platform, sorted({event.person for event in events}))
        await inbox.attribute(
            tx,
            [
                (
                    event.id,
                    next((groups[key] for key in event.address_keys if key in groups), None),
                    people.get(event.person),
                )
                for event in events
            ],
        )
