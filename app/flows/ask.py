"""Ask: where a platform posts nothing for us, it asks the owner of groups to send a text into them: one task for all of
his groups that get the same words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from app.core import ids
from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.outages import concerns_all
from app.domain.access import service as access
from app.domain.accounts import store as accounts
from app.domain.accounts.states import Status
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Priority
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState
from app.domain.directory import store as directory
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.domain.tasks import store as tasks
from app.flows.adopt import adopt
from app.flows.askers import Asker, asker, spent
from app.flows.brief import Campaign
from app.flows.by_hand import by_hand
from app.flows.correspond import Held
from app.flows.kit import Kit
from app.flows.lanes import open_lanes

log = structlog.get_logger(__name__)

BATCH = 200
NO_ACCOUNT = "no account can have its owner asked"
NO_OWNER = "its leader is nobody whom its platform knows as the owner"
NO_QUOTA = "it has had all the mass messages it may get for now"


async def ask_due(kit: Kit) -> int:
    """Have every owner asked whose hour has come; answers how many. A campaign that fails holds up no other."""
    async with kit.db.read() as tx:
        pairs = await relays.to_ask(tx, await campaigns.asking(tx), limit=BATCH)
    by_campaign: defaultdict[str, list[str | None]] = defaultdict(list)
    for campaign_id, leader_id in pairs:
        by_campaign[campaign_id].append(leader_id)
    for campaign_id, leader_ids in by_campaign.items():
        try:
            async with kit.db.write() as tx:
                await _campaign(kit, tx, campaign_id, leader_ids)
                tx.then(WAKE, "ask")
        except Exception as error:
            if concerns_all(error):
                raise
            log.exception("ask_failed", campaign=campaign_id)
    return len(pairs)


async def _campaign(kit: Kit, tx: Tx, campaign_id: str, leader_ids: Sequence[str | None]) -> None:
    campaign = await campaigns.hold(tx, campaign_id)
    if campaign is None or campaign.state not in {CampaignState.RUNNING, CampaignState.SCHEDULED}:
        return
    if None in leader_ids:
        leader_ids = [*leader_ids, *await adopt(tx, campaign)]
    asked_for = [one for one in leader_ids if one]
    held = await relays.take_to_ask(tx, campaign_id, asked_for)
    owners = {person.id: person for person in await directory.people(tx, asked_for)}
    named = sorted({str(relay.asked_by) for relay in held})
    askers = {
        account.id: asker(kit, account)
        for account in await accounts.get(tx, named)
        if account.status is not Status.OFF and account.channel in kit.channels
    }
    asked = {relay.group_id: askers[relay.asked_by] for relay in held if relay.asked_by in askers}
    used_up = await spent(tx, asked, at=tx.now)
    not_so: defaultdict[str, list[Held]] = defaultdict(list)
    ready: defaultdict[tuple[str, str, str], list[Held]] = defaultdict(list)
    for relay in held:
        problem = _problem(relay, askers.get(str(relay.asked_by)), owners[str(relay.leader_id)], used_up)
        if problem:
            not_so[problem].append(relay)
        else:
            ready[str(relay.asked_by), str(relay.leader_id), str(relay.text_id)].append(relay)
    for problem, some in not_so.items():
        await by_hand(tx, campaign, some, reason=problem)
    await _tasks(tx, campaign, ready, askers, owners)


def _problem(relay: Held, by: Asker | None, owner: Any, used_up: set[str]) -> str | None:
    if by is None:
        return NO_ACCOUNT
    if owner.contact_kind != by.contact:
        return NO_OWNER
    return NO_QUOTA if relay.group_id in used_up else None


async def _tasks(
    tx: Tx,
    campaign: Campaign,
    ready: Mapping[tuple[str, str, str], Sequence[Held]],
    askers: Mapping[str, Asker],
    owners: Mapping[str, Any],
) -> None:
    """A task with its delivery for each account, owner and text, of as many groups as one holds."""
    due_at = await awake(tx, campaign)
    await open_lanes(tx, campaign, {account_id for account_id, _, _ in ready})
    for (account_id, leader_id, text_id), some in _in_tasks(ready, askers):
        task_id = ids.new("tsk")
        about = {"center_id": campaign.center_id, "campaign_id": campaign.id, "account_id": account_id}
        about |= {"leader_id": leader_id, "text_id": text_id}
        row = delivery(tx, task_id, about, kind=Kind.TASK, of_id=None)
        row["due_at"] = due_at
        row["expires_at"] = max(relay.deadline_at for relay in some)
        await deliveries.create(tx, [row])
        await tasks.create(tx, [{**about, "id": task_id, "owner": owners[leader_id].contact, "delivery_id": row["id"]}])
        await relays.put_into(tx, [relay.id for relay in some], task_id)


def _in_tasks(
    ready: Mapping[tuple[str, str, str], Sequence[Held]], askers: Mapping[str, Asker]
) -> Iterator[tuple[tuple[str, str, str], Sequence[Held]]]:
    for key, held in ready.items():
        most = askers[key[0]].chats_most
        for start in range(0, len(held), most):
            yield key, held[start : start + most]


async def awake(tx: Tx, campaign: Campaign) -> datetime:
    """The first moment from now on at which an owner may be asked or reminded."""
    zone = (await access.center(tx, campaign.center_id)).timezone
    return after_quiet(tx.now, zone) if zone and campaign.priority is not Priority.INCIDENT else tx.now


def delivery(tx: Tx, task_id: str, about: Mapping[str, str], *, kind: Kind, of_id: str | None) -> dict[str, Any]:
    """A delivery that is about a task: it asks its owner, reminds him or lets him go. Due now, whoever calls says until
    when."""
    return {
        **about,
        "id": ids.new("dlv"),
        "kind": kind,
        "subject": ids.new("sub") if kind is Kind.NUDGE else task_id,
        "turn": 0,
        "part": 0,
        "of_id": of_id,
        "chat": f"task:{about['leader_id']}",
        "state": DeliveryState.DUE,
        "reason": "",
        "due_at": tx.now,
        "expires_at": tx.now,
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": tx.now,
    }
