"""Digest: the head hears once how a campaign stands at its deadline, and once in the morning what is not done."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core import ids
from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.journal import Move, Subject, append
from app.domain.access import service as access
from app.domain.access import store as centers
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Priority
from app.domain.campaigns.states import State as Control
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState
from app.domain.directory import store as directory
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.domain.relays.states import MISSING, OPEN, State
from app.flows.correspond import Person
from app.flows.digest_letter import MOST_NAMES, Standing, at_deadline, in_the_morning
from app.flows.kit import Kit
from app.flows.lanes import open_lanes, text_id
from app.flows.writers import senders

BATCH = 20
MORNING, NOON = time(8), time(12)
WORTH = timedelta(hours=12)
"""How long a digest is worth sending, and how old a deadline may be to be told of."""
LOOKS_BACK = timedelta(days=30)
SINCE = timedelta(hours=24)


async def digest_ended(kit: Kit) -> None:
    """Tell the heads of campaigns whose deadline has passed, some of them each time."""
    async with kit.db.read() as tx:
        ended = await campaigns.undigested(tx, limit=BATCH)
    for campaign_id in ended:
        async with kit.db.write() as tx:
            campaign = await campaigns.hold(tx, campaign_id)
            if campaign is None or not await relays.any_overdue(tx, campaign_id):
                await _at_deadline(tx, campaign)


async def _at_deadline(tx: Tx, campaign: Any) -> None:
    if campaign is None or not await campaigns.digested(tx, campaign.id):
        return
    head = await _head(tx, (await directory.headquarters(tx, campaign.center_id)).head_id)
    fresh = campaign.ends_at > tx.now - WORTH
    if head is None or not fresh or campaign.state is Control.CANCELLED:
        return
    [standing] = await _standings(tx, [campaign], states=list(State))
    if standing.groups:
        body = at_deadline(standing, await _language(tx, campaign.center_id, head))
        await _write(tx, campaign, head, body, turn=0, delivery_id=ids.derive("dlv", campaign.id, "digest"))


async def digest_mornings(kit: Kit) -> None:
    """Tell each head at eight o'clock, by the center's clock, what is not done; after noon it waits for tomorrow."""
    async with kit.db.read() as tx:
        heads = await directory.heads(tx)
        zones = await centers.zones(tx, [row.center_id for row in heads])
        now = {row.center_id: tx.now.astimezone(ZoneInfo(zones[row.center_id] or "UTC")) for row in heads}
    for row in heads:
        local = now[row.center_id]
        if MORNING <= local.time() < NOON and row.told_for != local.date().isoformat():
            async with kit.db.write() as tx:
                await _in_the_morning(tx, row.center_id, row.head_id, local)


async def _in_the_morning(tx: Tx, center_id: str, head_id: str, local: datetime) -> None:
    day = local.date()
    if not await directory.told(tx, center_id, day.isoformat()):
        return
    head = await _head(tx, head_id)
    under_way = await campaigns.lately(tx, center_id, since=tx.now - LOOKS_BACK)
    standings = await _standings(tx, under_way, states=(*OPEN, *MISSING), missed_since=tx.now - SINCE)
    told = [(campaign, one) for campaign, one in zip(under_way, standings, strict=True) if one.lacking or one.open]
    if head is None or not told:
        return
    body = in_the_morning(head.name, [one for _, one in told], await _language(tx, center_id, head))
    carriers = [campaign for campaign, _ in told if campaign.state is Control.RUNNING] or [told[0][0]]
    delivery_id = ids.derive("dlv", center_id, "morning", day.isoformat())
    await _write(tx, carriers[0], head, body, turn=day.toordinal(), delivery_id=delivery_id)


async def _standings(
    tx: Tx, some: Sequence[Any], *, states: Sequence[State], missed_since: datetime | None = None
) -> list[Standing]:
    """How each of these campaigns stands, in their order; with `missed_since`, what was missed or failed before is left
    out."""
    counts: dict[str, Counter[str]] = {campaign.id: Counter() for campaign in some}
    for row in await relays.standing(tx, list(counts), states, missed_since=missed_since):
        counts[row.campaign_id].update({row.state.value: row.count, "late": row.late})
    return [await _standing(tx, campaign, counts[campaign.id], missed_since) for campaign in some]


async def _standing(tx: Tx, campaign: Any, counts: Counter[str], missed_since: datetime | None) -> Standing:
    lacking = sum(counts[state] for state in MISSING)
    return Standing(
        title=campaign.title,
        groups=sum(counts[state] for state in State),
        open=sum(counts[state] for state in OPEN if state is not State.UNCERTAIN),
        missing=await _missing(tx, campaign.id, missed_since) if lacking else (),
        **{name: counts[name] for name in ("relayed", "late", "missed", "failed", "uncertain")},
    )


async def _missing(tx: Tx, campaign_id: str, since: datetime | None) -> list[tuple[str, str]]:
    """The first groups that have not got it, each with who is on it."""
    rows = await relays.first_missing(tx, campaign_id, since=since, limit=MOST_NAMES)
    groups = {group.id: group.name for group in await directory.targets(tx, [row.group_id for row in rows])}
    people = await directory.names(tx, [r.leader_id for r in rows if r.leader_id])
    return [(groups[row.group_id], people.get(row.leader_id, "")) for row in rows]


async def _head(tx: Tx, head_id: str | None) -> Person | None:
    return next(iter(await directory.people(tx, [head_id])), None) if head_id else None


async def _language(tx: Tx, center_id: str, head: Person) -> str | None:
    return head.language or (await access.center(tx, center_id)).language


async def _write(tx: Tx, campaign: Any, head: Person, body: str, *, turn: int, delivery_id: str) -> None:
    """One delivery under this id, which no second one can have; or a line that tells why there is none."""
    account_id = (await senders(tx, campaign.center_id, [head.contact_kind])).get(head.contact_kind)
    told = "the head is told" if account_id else "the head is not told: no account can write to him"
    move = Move(campaign.id, campaign.id, Subject.CAMPAIGN, campaign.id, campaign.state, campaign.state, "muster", told)
    await append(tx, [move])
    if account_id is None:
        return
    zone = (await access.center(tx, campaign.center_id)).timezone
    due_at = after_quiet(tx.now, zone) if zone and campaign.priority is not Priority.INCIDENT else tx.now
    text = {"id": text_id(campaign.id, body), "campaign_id": campaign.id, "body": body}
    await campaigns.keep_texts(tx, [text])
    await open_lanes(tx, campaign, [account_id])
    row = {"id": delivery_id, "center_id": campaign.center_id, "campaign_id": campaign.id, "kind": Kind.DIGEST}
    row |= {"subject": head.id, "turn": turn, "part": 0, "leader_id": head.id, "account_id": account_id}
    row |= {"chat": f"{head.contact_kind}:{head.id}", "text_id": text["id"], "state": DeliveryState.DUE, "reason": ""}
    row |= {"due_at": due_at, "expires_at": due_at + WORTH, "created_at": tx.now}
    await deliveries.create(tx, [row | {"fence": 0, "tries": 0, "resends": 0}])
    tx.then(WAKE, "digest")
