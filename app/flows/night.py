"""Night: on whose clock a post or a letter keeps quiet hours, and until when it is put off. The drain asks here, and so
do the preflight and the board, which foresee what it will do, and whoever gives a group another time after the plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from app.core.db import Tx
from app.domain.access import service as access
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Priority
from app.domain.directory import store as directory
from app.domain.escalation.rules import patience
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.flows.brief import Campaign


class Message(Protocol):
    """What the night has to know of a delivery that people notice."""

    @property
    def id(self) -> str: ...
    @property
    def center_id(self) -> str: ...
    @property
    def campaign_id(self) -> str: ...
    @property
    def group_id(self) -> str | None: ...
    @property
    def leader_id(self) -> str | None: ...


@dataclass
class Night:
    """`zones`: the clock of each message by its id. What has none is never put off."""

    zones: dict[str, str] = field(default_factory=dict)

    def until(self, named: str, at: datetime) -> datetime:
        """Until when a message waits whose turn is at this moment."""
        zone = self.zones.get(named)
        return after_quiet(at, zone) if zone else at

    def put_off(self, named: str, at: float) -> float:
        """The same in seconds."""
        return self.until(named, datetime.fromtimestamp(at, UTC)).timestamp() if named in self.zones else at


async def night_over(
    tx: Tx, messages: Collection[Message], groups: Mapping[str, Any], zones: Mapping[str, str | None]
) -> Night:
    """The clocks of these messages: a post has its group's, a letter that of its reader's first group in the campaign;
    either has its center's where there is none. `groups` are the rows, by id, `zones` the centers' own."""
    readers = await _readers(tx, messages)
    found = {
        one.id: (groups[one.group_id].timezone if one.group_id else readers.get((one.campaign_id, one.leader_id)))
        or zones[one.center_id]
        for one in messages
    }
    return Night({named: zone for named, zone in found.items() if zone})


async def _readers(tx: Tx, messages: Collection[Message]) -> dict[tuple[str, str | None], str | None]:
    """The zones of the groups that letters are about, as far as they have their own, by campaign and leader."""
    letters = [one for one in messages if one.group_id is None]
    leaders = sorted({one.leader_id for one in letters if one.leader_id})
    if not leaders:
        return {}
    first = await relays.first_groups(tx, sorted({one.campaign_id for one in letters}), leaders)
    zones = {group.id: group.timezone for group in await directory.targets(tx, sorted(set(first.values())))}
    return {whose: zones.get(group_id) for whose, group_id in first.items()}


async def asleep(
    tx: Tx, messages: Sequence[Message], groups: Mapping[str, Any], zones: Mapping[str, str | None]
) -> dict[str, datetime]:
    """Until when those of these messages wait that would wake somebody now, by id: incidents wake whom they must."""
    night = await night_over(tx, messages, groups, zones)
    late = [one for one in messages if night.until(one.id, tx.now) > tx.now]
    wakeful = await campaigns.wakeful(tx, sorted({one.campaign_id for one in late})) if late else set()
    return {one.id: night.until(one.id, tx.now) for one in late if one.campaign_id not in wakeful}


class Given(Protocol):
    """What a group's next time depends on, of its relay."""

    id: str
    group_id: str
    starts_at: datetime
    deadline_at: datetime


class Turn(NamedTuple):
    """From when, and until when, somebody is to do it."""

    begins_at: datetime
    ends_at: datetime


async def turns(tx: Tx, campaign: Campaign, held: Collection[Given]) -> dict[str, Turn]:
    """The time that each of these relays, by id, gets after the plan: a post tried once more, a leader instead of an
    account or an account instead of him. It is as long as the first was, begins no sooner, and never in the group's
    quiet hours, which an incident does not keep."""
    zones: dict[str, str | None] = {}
    if campaign.priority is not Priority.INCIDENT:
        center = await access.center(tx, campaign.center_id)
        groups = await directory.targets(tx, sorted({relay.group_id for relay in held}))
        zones = {group.id: group.timezone or center.timezone for group in groups}
    found: dict[str, Turn] = {}
    for relay in held:
        at, zone = max(tx.now, relay.starts_at), zones.get(relay.group_id)
        begins_at = after_quiet(at, zone) if zone else at
        lasts = patience(starts_at=relay.starts_at, deadline_at=relay.deadline_at)
        found[relay.id] = Turn(begins_at, begins_at + lasts)
    return found
