"""Ring: at its moment a quorum is judged from the ledger, once. Where too few groups have it the head hears so, and for
a branch its leader too, within the nudges of their day."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from app.core import ids
from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.cascade.rules import beneath
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.escalation.rules import NUDGES_A_DAY
from app.domain.quorum import store as quorums
from app.domain.quorum.rules import due_at, enough, read
from app.domain.quorum.states import News, State
from app.domain.relays import store as relays
from app.flows.brief import Campaign
from app.flows.correspond import write
from app.flows.kit import Kit
from app.flows.letters import MOST_NAMES, Besides
from app.flows.remind import DAY
from app.flows.space_letters import rest
from app.flows.tell_tiers import note

BATCH = 100
WORTH = timedelta(hours=12)
"""How long word of an alarm is worth sending."""


class Alarm(Protocol):
    """The facts of an alarm that this flow reads."""

    id: str
    campaign_id: str
    branch_id: str | None
    percent: int
    due_at: datetime


async def set_alarms(tx: Tx, campaign: Campaign, *, starts_at: datetime, ends_at: datetime) -> None:
    """The alarms of a campaign, each with its moment, once it is planned."""
    rows = []
    asked = read(campaign.quorum)
    known = {one.id for one in await directory.branches(tx, campaign.center_id)} if asked else set()
    for place, ask in enumerate(asked):
        if ask.branch_id and ask.branch_id not in known:
            await note(tx, campaign, "a quorum is not judged: its branch is gone")
            continue
        row = {"id": ids.within("alm", campaign.id, f"_{place}"), "center_id": campaign.center_id, "place": place}
        row |= {"campaign_id": campaign.id, "branch_id": ask.branch_id, "percent": ask.percent}
        at = due_at(ask, starts_at=starts_at, ends_at=ends_at)
        rows.append({**row, "due_at": at, "state": State.WAITING, "done": 0, "total": 0})
    await quorums.create(tx, rows)


async def ring(kit: Kit) -> int:
    """Judge what is due, each once; answers how much that was. A paused campaign is judged when it goes on."""
    async with kit.db.read() as tx:
        due = await quorums.due(tx, await campaigns.asking(tx), limit=BATCH)
    for alarm in due:
        async with kit.db.write() as tx:
            campaign = await campaigns.hold(tx, alarm.campaign_id)
            if campaign is not None and campaign.state is Control.RUNNING:
                await _judge(kit, tx, campaign, alarm)
    return len(due)


async def _judge(kit: Kit, tx: Tx, campaign: Campaign, alarm: Alarm) -> None:
    branches, path = await _where(tx, campaign, alarm)
    seen = await relays.standing_in(tx, campaign.id, branches, by=alarm.due_at)
    reached = enough(done=seen.done, total=seen.total, percent=alarm.percent)
    news = News.ENOUGH if reached else News.TOO_FEW
    if not await quorums.judge(tx, alarm.id, news, done=seen.done, total=seen.total):
        return
    within = f" in {path}" if path else ""
    asked = f"{alarm.percent} %{within} by {alarm.due_at:%Y-%m-%d %H:%M} UTC"
    await note(tx, campaign, f"quorum {'reached' if reached else 'missed'}: {asked}, {seen.done} of {seen.total}")
    if reached:
        return
    lacking = await relays.lacking_in(tx, campaign.id, branches, by=alarm.due_at, limit=MOST_NAMES)
    facts: dict[str, str | datetime] = {"branch": path, "percent": str(alarm.percent), "at": alarm.due_at}
    facts |= {"done": str(seen.done), "total": str(seen.total)}
    missed = f"{kit.settings.base_url}/campaigns/{campaign.id}/missed"
    words = "quorum_branch" if path else "quorum"
    to_tell = await _to_tell(tx, campaign, alarm, missed)
    rests = await rest(tx, campaign, {leader_id: tx.now + WORTH for leader_id, _ in to_tell})
    for leader_id, where in to_tell:
        said = Besides(seen.total - seen.done, {**facts, "where": where})
        told = await within_budget(tx, leader_id) and await write(
            tx,
            campaign,
            {leader_id: lacking},
            kind=Kind.NUDGE,
            words=words,
            until=rests.get(leader_id, tx.now) + WORTH,
            besides={leader_id: said},
            not_before=rests,
        )
        [person] = await directory.people(tx, [leader_id])
        await note(tx, campaign, f"{person.name} is {'' if told else 'not '}told of the quorum")
    tx.then(WAKE, "quorum")


async def _where(tx: Tx, campaign: Campaign, alarm: Alarm) -> tuple[Collection[str] | None, str]:
    """The branches that are meant, None for all groups, and the path of the topmost."""
    if alarm.branch_id is None:
        return None, ""
    known = await directory.branches(tx, campaign.center_id)
    path = next(branch.path for branch in known if branch.id == alarm.branch_id)
    return beneath({branch.id: branch.parent_id for branch in known}, [alarm.branch_id]), path


async def _to_tell(tx: Tx, campaign: Campaign, alarm: Alarm, missed: str) -> list[tuple[str, str]]:
    """Who is to hear of it, and where each of them sees the list: the head, and the first of the branch's people."""
    head = (await directory.headquarters(tx, campaign.center_id)).head_id
    gone = await directory.unavailable(tx, campaign.center_id)
    people = (await directory.branch_people(tx, campaign.center_id)).get(alarm.branch_id or "", [])
    first = [one for one in people if one != head][:1]
    heads = [head] if head and head not in gone else []
    return [*((one, missed) for one in heads), *((one, "{link}/branch") for one in first)]


async def within_budget(tx: Tx, leader_id: str) -> bool:
    """Whether he may be nudged once more today."""
    told = await deliveries.nudges_since(tx, [leader_id], tx.now - DAY)
    return told.get(leader_id, 0) < NUDGES_A_DAY
