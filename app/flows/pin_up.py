"""Pin up: where a campaign's words stand and are to stay on top, an account pins them, by a delivery of its own: what
becomes of it changes nothing about the post."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.channels.port import Pins
from app.core import ids
from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.accounts import store as accounts
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind, State
from app.flows.kit import Kit

BATCH = 500
LATELY = timedelta(seconds=30)
"""While its accounts said something so lately, a campaign is looked at in every round."""
EACH_MINUTE_S = 3
"""And in the first seconds of every minute, for what others settled, be it a person or the platform."""
PATIENCE = timedelta(minutes=60)
"""For how long after the post it is worth being pinned."""


async def pin_up(kit: Kit) -> int:
    """What has come to stand and is to be pinned waits for its turn; answers how much does."""
    made = 0
    async with kit.db.read() as tx:
        wanting = await campaigns.to_pin(tx, since=tx.now - PATIENCE)
        able = {name: await _able(kit, tx, name) for name in wanting}
        if tx.now.second >= EACH_MINUTE_S:
            since = tx.now - LATELY
            wanting = [name for name in wanting if await deliveries.tried_since(tx, able[name], since)]
    for campaign_id in wanting:
        made += await _of(kit, campaign_id, able[campaign_id])
    return made


async def _able(kit: Kit, tx: Tx, campaign_id: str) -> list[str]:
    """The accounts of a campaign that can pin."""
    lanes = await accounts.get(tx, await deliveries.lane_accounts(tx, campaign_id))
    return [row.id for row in lanes if isinstance(kit.channels.get(row.channel), Pins)]


async def _of(kit: Kit, campaign_id: str, able: Sequence[str]) -> int:
    """Of one campaign, page by page: a part that is not to be pinned is passed over each time."""
    after, made = "", 0
    while True:
        async with kit.db.read() as tx:
            found, rows = await _page(tx, campaign_id, able, after)
        if rows:
            async with kit.db.write() as tx:
                await deliveries.create(tx, rows)
                tx.then(WAKE, "pin")
        made += len(rows)
        if len(found) < BATCH:
            return made
        after = found[-1].id


async def _page(
    tx: Tx, campaign_id: str, able: Sequence[str], after: str
) -> tuple[Sequence[Any], list[dict[str, Any]]]:
    """What stands behind this id and is not pinned, and the pins of that which is to be."""
    since = tx.now - PATIENCE
    found = await deliveries.unpinned(tx, campaign_id, able, since=since, after=after, limit=BATCH)
    texts = await campaigns.texts(tx, sorted({row.text_id for row in found}))
    return found, [_delivery(tx, row) for row in found if texts[row.text_id].pin]


def pin_id(post_id: str) -> str:
    return ids.derive("dlv", Kind.PIN, post_id)


def _delivery(tx: Tx, post: Any) -> dict[str, Any]:
    same = ("center_id", "campaign_id", "relay_id", "group_id", "account_id", "chat", "text_id")
    return {
        **{name: getattr(post, name) for name in same},
        "id": pin_id(post.id),
        "kind": Kind.PIN,
        "subject": post.id,
        "turn": 0,
        "part": 0,
        "of_id": post.id,
        "state": State.DUE,
        "reason": "",
        "due_at": tx.now,
        "expires_at": (post.sent_at or tx.now) + PATIENCE,
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": tx.now,
    }
