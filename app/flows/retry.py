"""Retry: what failed, and what expired unsent, is posted once more. Nothing else moves: least of all what may stand."""

from collections.abc import Collection, Mapping, Sequence
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
from app.flows.advance import by
from app.flows.brief import Campaign
from app.flows.kit import Kit
from app.flows.night import Turn, turns

BATCH = 1_000


async def retry(kit: Kit, caller: Caller, campaign_id: str, *, groups: Sequence[str] | None = None) -> int:
    """Let the failed posts of a running or finished campaign, or of these of its groups, wait for their turn once
    more, each with a whole `relay_minutes` from then on; answers how many do. Raises NotFound, Conflict, Invalid."""
    async with kit.db.read() as tx:
        await service.found(tx, caller.center_id, campaign_id)
        await known(tx, campaign_id, groups)
    count, after, times = 0, "", dict[str, Turn]()
    while True:
        async with kit.db.write() as tx:
            campaign = await _running(tx, caller.center_id, campaign_id)
            rows = await deliveries.to_retry(tx, campaign_id, groups=groups, after=after, limit=BATCH)
            fresh = {str(row.relay_id) for row in rows} - times.keys()
            times |= await _plan_again(tx, campaign, fresh, actor=caller.actor)
            again = [row for row in rows if row.relay_id in times]
            await _post_again(tx, campaign, again, times, actor=caller.actor)
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


async def _plan_again(tx: Tx, campaign: Campaign, relay_ids: Collection[str], *, actor: str) -> dict[str, Turn]:
    """The relays of these that go back to planned, each with its new time. What fell to a leader meanwhile is his; what
    is taken back is not posted. A post that comes after the first deadline is late."""
    withdrawn = await recalls.concerned(tx, relay_ids)
    held = await relays.get(tx, sorted(set(relay_ids) - withdrawn))
    held = [relay for relay in held if relay.route is Route.BOT]
    times = await turns(tx, campaign, held)
    alike = by(held, lambda relay: (times[relay.id], relay.late or relay.deadline_at <= times[relay.id].begins_at))
    moved: list[str] = []
    for ((begins_at, ends_at), late), some in alike.items():
        values: dict[str, Any] = {"starts_at": begins_at, "deadline_at": ends_at, "next_step_at": None, "late": late}
        ids = [relay.id for relay in some]
        moved += await relays.move(tx, ids, News.RETRIED, actor=actor, reason="posted once more", **values)
    return {relay_id: times[relay_id] for relay_id in moved}


async def _post_again(
    tx: Tx, campaign: Campaign, rows: Sequence[Any], times: Mapping[str, Turn], *, actor: str
) -> None:
    as_posts = campaign.mode is not Mode.EDIT
    for (edit, (begins_at, ends_at)), some in by(
        rows, lambda row: (row.of_id is not None and not as_posts, times[row.relay_id])
    ).items():
        due_at = tx.now if edit else begins_at  # nobody is woken by an edit
        how: dict[str, Any] = {"due_at": due_at, "expires_at": ends_at, "as_posts": as_posts}
        await deliveries.retry(tx, some, actor=actor, reason=f"{actor} asked for another try", **how)
        await campaigns.lasts(tx, campaign.id, until=ends_at)
