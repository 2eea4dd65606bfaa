"""Retry: what failed, and what expired unsent, is posted once more. Nothing else moves: least of all what may stand."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core import audit
from app.core.db import Tx
from app.core.errors import Conflict, FieldError, Invalid
from app.core.jobs import WAKE
from app.domain.access.rules import Caller
from app.domain.campaigns import service
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Mode, State
from app.domain.deliveries import store as deliveries
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import News, Route
from app.flows.brief import Campaign
from app.flows.kit import Kit

BATCH = 1_000


async def retry(kit: Kit, caller: Caller, campaign_id: str, *, groups: Sequence[str] | None = None) -> int:
    """Let the failed posts of a running or finished campaign, or of these of its groups, wait for their turn once
    more, each with a whole `relay_minutes` from now; answers how many do. Raises NotFound, Conflict, Invalid."""
    async with kit.db.read() as tx:
        await service.found(tx, caller.center_id, campaign_id)
        await known(tx, campaign_id, groups)
    count, after, moved = 0, "", frozenset[str]()
    while True:
        async with kit.db.write() as tx:
            campaign = await _running(tx, caller.center_id, campaign_id)
            rows = await deliveries.to_retry(tx, campaign_id, groups=groups, after=after, limit=BATCH)
            moved |= await _plan_again(tx, campaign, {str(row.relay_id) for row in rows} - moved, actor=caller.actor)
            again = [row for row in rows if row.relay_id in moved]
            expires_at = _until(campaign, tx.now)
            how: dict[str, Any] = {
                "reason": f"{caller.actor} asked for another try",
                "as_posts": campaign.mode is not Mode.EDIT,
            }
            await deliveries.retry(tx, again, expires_at=expires_at, actor=caller.actor, **how)
            await campaigns.lasts(tx, campaign_id, until=expires_at)
            tx.then(WAKE, "retry")
        count += len(again)
        if len(rows) < BATCH:
            break
        after = rows[-1].id
    async with kit.db.write() as tx:
        actor, action = caller.actor, "campaign.retry"
        await audit.note(tx, caller.center_id, actor=actor, action=action, subject=campaign_id, deliveries=count)
    return count


async def known(tx: Tx, campaign_id: str, groups: Sequence[str] | None) -> None:
    """Raises Invalid where a group is not in this campaign's ledger."""
    strangers = await relays.strangers(tx, campaign_id, groups or ())
    if groups and strangers:
        sentence = "This campaign has no such group."
        errors = [FieldError(f"/groups/{at}", sentence) for at, name in enumerate(groups) if name in strangers]
        raise Invalid("unknown_group", "These groups are not all in this campaign; nothing was changed.", errors=errors)


async def _running(tx: Tx, center_id: str, campaign_id: str) -> Campaign:
    await campaigns.hold(tx, campaign_id)
    campaign = await service.found(tx, center_id, campaign_id)
    if campaign.state is not State.RUNNING:
        sentence = f"Only a running or finished campaign can be retried; this one is {campaign.state.value}."
        raise Conflict("wrong_state", sentence)
    return campaign


def _until(campaign: Campaign, now: datetime) -> datetime:
    return now + timedelta(minutes=campaign.relay_minutes)


async def _plan_again(tx: Tx, campaign: Campaign, relay_ids: Collection[str], *, actor: str) -> frozenset[str]:
    """The relays of these that go back to planned. What fell to a leader meanwhile is his; what is taken back is not
    posted. A post that comes after the first deadline is late."""
    withdrawn = await recalls.concerned(tx, relay_ids)
    held = await relays.get(tx, sorted(set(relay_ids) - withdrawn))
    held = [relay for relay in held if relay.route is Route.BOT]
    moved: set[str] = set()
    for late in (False, True):
        some = [relay.id for relay in held if (relay.deadline_at <= tx.now) is late]
        values: dict[str, Any] = {"deadline_at": _until(campaign, tx.now), "next_step_at": None, "late": late}
        moved |= set(await relays.move(tx, some, News.RETRIED, actor=actor, reason="posted once more", **values))
    return frozenset(moved)
