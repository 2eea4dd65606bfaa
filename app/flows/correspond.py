"""Correspond: letters to leaders become deliveries, one each, through whichever account can write to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from app.core import ids
from app.core.db import Tx
from app.domain.access import service as access
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Priority
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import BROADER
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState
from app.domain.directory import store as directory
from app.domain.planning.rules import after_quiet
from app.domain.relays.states import State
from app.flows.brief import Campaign
from app.flows.lanes import open_lanes, text_id
from app.flows.letters import MOST_NAMES, Besides, Letter, compose, merged
from app.flows.writers import writers_for


class Person(Protocol):
    """The facts of a leader that a letter needs."""

    id: str
    name: str
    contact_kind: str
    language: str | None


class Held(Protocol):
    """The facts of a relay that a letter needs."""

    id: str
    campaign_id: str
    group_id: str
    text_id: str | None
    leader_id: str | None
    asked_by: str | None
    task_id: str | None
    state: State
    reason: str
    steps_taken: int
    starts_at: datetime
    deadline_at: datetime
    assigned_at: datetime | None


Part = tuple[Campaign, Sequence[Held]]
"""A campaign, and one leader's relays of it that a letter is about."""


async def write(
    tx: Tx,
    campaign: Campaign,
    held: Mapping[str, Sequence[Held]],
    *,
    kind: Kind,
    words: str = "",
    until: datetime | None = None,
    besides: Mapping[str, Besides] | None = None,
    others: Mapping[str, Sequence[Part]] | None = None,
    not_before: Mapping[str, datetime] | None = None,
) -> set[str]:
    """One letter for each leader, about these relays, in the words of this kind or in `words`; answers the leaders
    who get one. A leader nobody can reach gets none: his link is for the head to hand out. A letter is worth sending
    until the last deadline in it or `until`, and as much longer as the night puts it off. `besides` has, by leader,
    what else it says, `others` further campaigns that it speaks of; it leaves `not_before` his time there."""
    if not held:
        return set()
    people = {person.id: person for person in await directory.people(tx, list(held))}
    parts = {leader: [(campaign, mine), *(others or {}).get(leader, ())] for leader, mine in held.items()}
    group_ids = [one.group_id for some in parts.values() for _, mine in some for one in mine[:MOST_NAMES]]
    groups = {group.id: group for group in await directory.targets(tx, group_ids)}
    writers = await writers_for(tx, campaign.center_id, {person.contact_kind for person in people.values()})
    center = await access.center(tx, campaign.center_id)
    keeps_quiet = campaign.priority is not Priority.INCIDENT
    texts, rows = [], []
    for leader_id in held:
        person = people[leader_id]
        if (sender := writers.get(person.contact_kind)) is None:
            continue
        more = (besides or {}).get(leader_id)
        letters = [
            (about.id, _letter(about, person, mine, groups, kind=words or kind.value, zone=center.timezone, more=more))
            for about, mine in parts[leader_id]
        ]
        body = compose(letters[0][1]) if len(letters) == 1 else merged(letters)
        zone = letters[0][1].zone
        due = max(tx.now, (not_before or {}).get(leader_id, tx.now))
        due = after_quiet(due, zone) if zone and keeps_quiet else due
        texts.append({"id": text_id(campaign.id, body), "campaign_id": campaign.id, "body": body})
        everything = [relay for _, each in parts[leader_id] for relay in each]
        row = _delivery(tx, campaign, person, everything, kind=kind, account_id=sender, text=body, due_at=due)
        row["subject"] = (BROADER if more else "") + row["id"]
        row["expires_at"] = max(row["expires_at"], until + (due - tx.now) if until else row["expires_at"])
        row["also"] = " ".join(about.id for about, _ in parts[leader_id][1:]) or None
        rows.append(row)
    await campaigns.keep_texts(tx, texts)
    await open_lanes(tx, campaign, {row["account_id"] for row in rows})
    await deliveries.create(tx, rows)
    return {row["leader_id"] for row in rows}


def _letter(
    campaign: Campaign,
    person: Person,
    mine: Sequence[Held],
    groups: Mapping[str, Any],
    *,
    kind: str,
    zone: str | None,
    more: Besides | None,
) -> Letter:
    named = [groups[relay.group_id] for relay in mine[:MOST_NAMES]]
    return Letter(
        kind=kind,
        leader=person.name,
        title=campaign.title,
        groups=[group.name for group in named],
        count=more.count if more else len(mine),
        deadline=min(relay.deadline_at for relay in mine),
        zone=next(filter(None, (group.timezone for group in named)), zone),
        language=person.language,
        facts=more.facts if more else {},
    )


def _delivery(
    tx: Tx,
    campaign: Campaign,
    person: Person,
    mine: Sequence[Held],
    *,
    kind: Kind,
    account_id: str,
    text: str,
    due_at: datetime,
) -> dict[str, Any]:
    begun = campaign.starts_at or tx.now
    turn = max(0, int((tx.now - begun).total_seconds()))
    named = ids.derive("dlv", campaign.id, kind, person.id, str(turn), text, *(relay.id for relay in mine))
    return {
        "id": named,
        "center_id": campaign.center_id,
        "campaign_id": campaign.id,
        "kind": kind,
        "subject": named,
        "turn": turn,
        "part": 0,
        "leader_id": person.id,
        "account_id": account_id,
        "chat": f"{person.contact_kind}:{person.id}",
        "text_id": text_id(campaign.id, text),
        "state": DeliveryState.DUE,
        "reason": "",
        "due_at": due_at,
        "expires_at": max(relay.deadline_at for relay in mine),
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": tx.now,
    }
