"""Note events: what the journal says becomes a notice for every webhook that wants to hear of it, each once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core import ids, journal
from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.relays import store as relays
from app.domain.webhooks import rules, service, store
from app.domain.webhooks.states import Event
from app.flows.kit import Kit
from app.flows.watch import SETTLED

LINES = 2_000
"""Read at once; most are about deliveries, and nobody's."""


@dataclass(frozen=True)
class _Scene:
    """What the events of some lines are about. `over`: campaigns in which no relay is open any more."""

    campaigns: Mapping[str, Any]
    groups: Mapping[str, str]
    over: frozenset[str]


async def note_events(kit: Kit) -> int:
    """Read the journal on from where it was read; answers by how many lines. Younger lines than SETTLED may be
    overtaken by ones with smaller numbers: they are read again, and noted once, for a notice's id is derived."""
    async with kit.db.read() as tx:
        if not await store.enabled(tx):
            return 0
    async with kit.db.write() as tx:
        lines = await journal.moves(tx, await store.cursor(tx) or 0, limit=LINES)
        await _note(tx, [line for line in lines if _may_tell(line)])
        settled = [line.seq or 0 for line in lines if line.at < tx.now - SETTLED]
        if settled:
            await store.move_cursor(tx, settled[-1])
    return len(settled)


def _may_tell(line: Any) -> bool:
    """Whether a line is an event, or the end of a relay, which may be its campaign's."""
    return (
        line.subject is journal.Subject.RELAY or rules.event_of(line.subject.value, line.was, line.became) is not None
    )


async def _note(tx: Tx, lines: Sequence[Any]) -> None:
    if not lines:
        return
    listening: defaultdict[str, list[Any]] = defaultdict(list)
    for webhook in await store.enabled(tx):
        listening[webhook.center_id].append(webhook)
    scene = await _scene(tx, lines)
    rows: dict[str, dict[str, Any]] = {}
    for line in lines:
        campaign = scene.campaigns.get(line.stream)
        for webhook in listening[campaign.center_id] if campaign else ():
            for event, name, data in _events(line, campaign, scene):
                if event.value in webhook.events and line.at >= webhook.since_at:
                    notice_id = ids.derive("msg", webhook.id, event.value, name)
                    rows[notice_id] = service.notice(webhook.id, notice_id, event, data=data, at=line.at, now=tx.now)
    await store.keep(tx, list(rows.values()))


async def _scene(tx: Tx, lines: Sequence[Any]) -> _Scene:
    about = await campaigns.known(tx, sorted({line.stream for line in lines}))
    moved = sorted({line.subject_id for line in lines if line.subject is journal.Subject.RELAY})
    groups = {relay.id: relay.group_id for relay in await relays.get(tx, moved)}
    live = (Control.RUNNING, Control.PAUSED)
    running = [one.id for one in about.values() if one.planned_at is not None and one.state in live]
    return _Scene(about, groups, frozenset(running) - await relays.with_open(tx, running))


def _events(line: Any, campaign: Any, scene: _Scene) -> Iterator[tuple[Event, str, dict[str, Any]]]:
    """The events of one line, each with what tells it from others of its kind, and what is said of it."""
    data = {"campaign_id": campaign.id, "title": campaign.title}
    event = rules.event_of(line.subject.value, line.was, line.became)
    relay = line.subject is journal.Subject.RELAY
    about = {"relay_id": line.subject_id, "group_id": scene.groups.get(line.subject_id)} if relay else {}
    if event is not None:
        yield event, str(line.seq), {**data, **about, "state": line.became}
    if not relay:
        return
    if campaign.id in scene.over:
        yield Event.CAMPAIGN_FINISHED, campaign.id, {**data, "state": "finished"}
