"""Amend: where the words that a campaign corrects stand, its own come in their place or after them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.channels.port import Channel, Edits
from app.core.db import Tx
from app.domain.accounts import store as accounts
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Mode
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState
from app.domain.relays import store as relays
from app.domain.relays.states import MAY_STAND, News, State, Via
from app.flows.brief import Campaign
from app.flows.kit import Kit


async def amend(
    kit: Kit, tx: Tx, campaign: Campaign, rows: Sequence[dict[str, Any]], *, firsts: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The correction's planned posts as they are to be made; `firsts` has, by group, the first campaign's relay. A
    relay that can only be edited, and cannot be, fails."""
    posts: defaultdict[str, list[Any]] = defaultdict(list)
    named = [firsts[row["group_id"]] for row in rows]
    for one in await deliveries.may_stand(tx, named):
        posts[str(one.relay_id)].append(one)
    texts = await campaigns.texts(tx, sorted({one.text_id for mine in posts.values() for one in mine}))
    pictured = {name for name, text in texts.items() if text.picture_id}
    was = {relay.id: relay for relay in await relays.get(tx, named)}
    used = {one.account_id for mine in posts.values() for one in mine}
    ways = {row.id: kit.channels.get(row.channel) for row in await accounts.get(tx, sorted(used))}
    made, refused = [], []
    for row in rows:
        first = firsts[row["group_id"]]
        whole = campaign.mode is not Mode.FOLLOW_UP and not row["following"]
        whole = whole and not any(one.text_id in pictured for one in posts[first])  # words alone replace words alone
        old = _to_edit(posts[first], ways, tx.now) if whole and _alone(was.get(first)) else None
        if old is not None:
            at = min(row["due_at"], campaign.starts_at or tx.now)  # nobody is woken by it
            same = {"account_id": old.account_id, "chat": old.chat, "of_id": old.id, "due_at": at}
            made.append({**row, "kind": Kind.CORRECTION, **same})
        elif not posts[first] and (first not in was or was[first].state not in MAY_STAND):
            made.append(row)
        elif campaign.mode is Mode.EDIT:
            refused.append(row["relay_id"])
        else:
            made.append({**row, "kind": Kind.CORRECTION})
    reason = "what stands there cannot be edited, and nothing else was asked for"
    await relays.move(tx, refused, News.REFUSED, actor="muster", reason=reason)
    return made


def _alone(relay: Any | None) -> bool:
    """Whether what accounts posted is all that stands there: nothing is in doubt, and no person has posted it."""
    if relay is None or relay.state in {State.POSTING, State.UNCERTAIN}:
        return False
    return relay.state is not State.RELAYED or relay.via is Via.BOT


def _to_edit(posts: Sequence[Any], ways: Mapping[str, Channel | None], now: datetime) -> Any | None:
    """The one message in whose place the new words can come: of what stands, or may come to stand, the only one."""
    if len(posts) != 1 or posts[0].state is not DeliveryState.SENT or posts[0].message_id is None:
        return None
    channel = ways.get(posts[0].account_id)
    if not isinstance(channel, Edits):
        return None
    age = now - (posts[0].sent_at or now)
    young = channel.edit_within is None or age < timedelta(seconds=channel.edit_within)
    return posts[0] if young else None
