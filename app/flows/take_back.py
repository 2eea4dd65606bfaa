"""Take back: what has not left is called off; where something stands that is to go, an account takes it back, or the
leader who posted it is asked to; where neither can be, that is said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.channels.port import Channel, Recalls
from app.core import ids
from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.accounts import store as accounts
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState
from app.domain.recalls import store as recalls
from app.domain.recalls.states import News
from app.domain.relays import store as relays
from app.domain.relays.states import MOVES, STEPPED, State, Via
from app.domain.relays.states import News as RelayNews
from app.flows.advance import by
from app.flows.ask_to_delete import PATIENCE, ask_to_delete
from app.flows.brief import Campaign
from app.flows.call_off import call_off_some
from app.flows.kit import Kit
from app.flows.relief import spare
from app.flows.taken_back import not_taken_back

BATCH = 500
CALLED_OFF = "it is taken back before it left"
WAITING = MOVES.before(RelayNews.CALLED_OFF)
SOON = timedelta(seconds=1)
LOOK_AGAIN = {**dict.fromkeys((*WAITING, State.POSTING), SOON), State.UNCERTAIN: timedelta(seconds=30)}
"""What may come to stand yet, and when to look whether it has."""


async def take_back(kit: Kit) -> int:
    """Begin what is wanted and not begun; answers how many wishes were looked at."""
    async with kit.db.read() as tx:
        if not await recalls.to_begin(tx, limit=1):
            return 0
    async with kit.db.write() as tx:
        wanted = await recalls.to_begin(tx, limit=BATCH)
        by_campaign = by(wanted, lambda one: one.campaign_id)
        held = await campaigns.hold_all(tx, by_campaign)
        if not await _call_off(tx, [one.relay_id for one in wanted]):
            for campaign_id, campaign in held.items():
                await _begin(kit, tx, campaign, [one.relay_id for one in by_campaign[campaign_id]])
        tx.then(WAKE, "recall")
    return len(wanted)


async def _call_off(tx: Tx, relay_ids: Sequence[str]) -> bool:
    """What of these waits, or waits again, does not leave, in one campaign; answers whether anything did. That is all
    that is done then: whoever calls deliveries off holds no relays yet."""
    waiting = [relay for relay in await relays.get(tx, relay_ids) if relay.state in WAITING]
    for campaign_id, some in by(waiting, lambda relay: relay.campaign_id).items():
        groups = [relay.group_id for relay in some]
        if not await call_off_some(tx, campaign_id, reason=CALLED_OFF, group_ids=groups):
            await recalls.look_again(tx, [relay.id for relay in some], at=tx.now + SOON)
        await spare(tx, campaign_id, {relay.leader_id for relay in some if relay.leader_id})
        return True
    return False


async def _begin(kit: Kit, tx: Tx, campaign: Campaign, relay_ids: Sequence[str]) -> None:
    by_state = by(await relays.take(tx, campaign.center_id, relay_ids), lambda relay: relay.state)
    await _leave_be(tx, campaign, [relay for state in STEPPED for relay in by_state.get(state, ())])
    parts: list[Any] = []  # of these something stands, though not the whole
    for state, some in by_state.items():
        named = [relay.id for relay in some]
        if state in LOOK_AGAIN:
            await recalls.look_again(tx, named, at=tx.now + LOOK_AGAIN[state])
        elif state is not State.RELAYED:
            in_part = {one.relay_id for one in await deliveries.standing(tx, named)}
            parts += [relay for relay in some if relay.id in in_part]
            reason, nowhere = "it never came to stand there", [one for one in named if one not in in_part]
            await recalls.move(tx, nowhere, News.TAKEN_BACK, actor="muster", reason=reason, done_at=tx.now)
    stands = by_state.get(State.RELAYED, [])
    await _by_account(kit, tx, campaign, parts + [relay for relay in stands if relay.via is Via.BOT])
    await ask_to_delete(tx, campaign, [relay for relay in stands if relay.via is not Via.BOT])


async def _leave_be(tx: Tx, campaign: Campaign, missing: Sequence[Any]) -> None:
    """Nobody is asked for what was missed or failed, and is not wanted there any more."""
    ids = [relay.id for relay in missing]
    await relays.quieten(tx, ids, next_step_at=None)
    await spare(tx, campaign.id, {relay.leader_id for relay in missing if relay.leader_id}, besides=ids)


async def _by_account(kit: Kit, tx: Tx, campaign: Campaign, stands: Sequence[Any]) -> None:
    posts: defaultdict[str, list[Any]] = defaultdict(list)
    for one in await deliveries.standing(tx, [relay.id for relay in stands]):
        posts[str(one.relay_id)].append(one)
    used = {one.account_id for mine in posts.values() for one in mine}
    ways = {row.id: kit.channels.get(row.channel) for row in await accounts.get(tx, sorted(used))}
    refused: defaultdict[str, list[str]] = defaultdict(list)
    rows: list[dict[str, Any]] = []
    for relay in stands:
        mine = posts[relay.id]
        problem = next(filter(None, (_problem(one, ways, tx.now) for one in mine)), None)
        if problem or not mine:
            refused[problem or "nobody knows which message it is"].append(relay.id)
        else:
            rows += [_delivery(tx, campaign, one, ways) for one in mine]
    begun = {str(row["relay_id"]) for row in rows}
    await recalls.move(tx, sorted(begun), News.BEGUN, actor="muster", reason="an account takes it back")
    await deliveries.create(tx, rows)
    for reason, relay_ids in refused.items():
        await not_taken_back(tx, relay_ids, reason)


def _problem(post: Any, ways: Mapping[str, Channel | None], now: datetime) -> str | None:
    """Why this message cannot be taken back."""
    channel = ways.get(post.account_id)
    if not isinstance(channel, Recalls):
        return f"{channel.name if channel else 'this channel'} cannot take a message back"
    if post.message_id is None:
        return "the platform never told this message's number"
    if _last_moment(post, channel, now) <= now:
        return f"{channel.name} takes back only what is younger than {(channel.recall_within or 0) / 3600:g} hours"
    return None


def _last_moment(post: Any, channel: Recalls, now: datetime) -> datetime:
    patient = now + PATIENCE
    if channel.recall_within is None:
        return patient
    return min(patient, (post.sent_at or now) + timedelta(seconds=channel.recall_within))


def _delivery(tx: Tx, campaign: Campaign, post: Any, ways: Mapping[str, Any]) -> dict[str, Any]:
    turn = max(0, int((tx.now - (campaign.starts_at or tx.now)).total_seconds()))
    return {
        "id": ids.derive("dlv", Kind.RECALL, post.id, str(turn)),
        "center_id": campaign.center_id,
        "campaign_id": campaign.id,
        "kind": Kind.RECALL,
        "subject": post.id,
        "turn": turn,
        "part": 0,
        "relay_id": post.relay_id,
        "of_id": post.id,
        "group_id": post.group_id,
        "account_id": post.account_id,
        "chat": post.chat,
        "text_id": post.text_id,
        "state": DeliveryState.DUE,
        "reason": "",
        "due_at": tx.now,
        "expires_at": _last_moment(post, ways[post.account_id], tx.now),
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": tx.now,
    }
