"""Tell webhooks: each notice is said until its receiver takes it, signed, with the same id and the same words at every
try. A receiver that is silent for days, or says it is gone, is switched off."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from app.channels.adapters.webhook_signature import signature
from app.core import ids
from app.core.db import Tx
from app.core.http import LineLost, NotSent, Request
from app.core.secrets import SecretBroken
from app.domain.webhooks import rules, service, store
from app.domain.webhooks.states import News
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

AT_ONCE = 50
LEASE = timedelta(seconds=60)
"""Longer than a try can take: whoever dies with a notice leaves it to the next."""
GONE = 410
KEPT_FOR = timedelta(days=30)
MOST_FORGOTTEN = 500


class Heard(NamedTuple):
    """What became of one try."""

    at: datetime
    taken: bool
    status: int | None
    detail: str


async def tell_webhooks(kit: Kit) -> int:
    """Say what is due now, once each; answers how many there were."""
    async with kit.db.read(loose=True) as tx:
        if not await store.any_due(tx):
            return 0
    async with kit.db.write() as tx:
        notices = await store.claim(tx, limit=AT_ONCE, lease=LEASE)
        webhooks = await store.behind(tx, sorted({one.webhook_id for one in notices}))
    heard = await asyncio.gather(*(_say(kit, webhooks[one.webhook_id], one) for one in notices))
    async with kit.db.write() as tx:
        for notice, answer in zip(notices, heard, strict=True):
            await _record(tx, notice, answer)
    return len(notices)


async def forget_told(kit: Kit) -> int:
    """Tries are kept for a month, and what they were about with them; answers how many went."""
    async with kit.db.read() as tx:
        oldest = await store.oldest(tx)
        before = tx.now - KEPT_FOR
    if oldest is None or oldest >= before:
        return 0
    async with kit.db.write() as tx:
        return await store.forget(tx, before=before, limit=MOST_FORGOTTEN)


async def _say(kit: Kit, webhook: Any, notice: Any) -> Heard:
    now = kit.clock.now()
    body = json.dumps(notice.body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    try:
        kept = kit.vault.open(webhook.id, webhook.secret_box)
    except SecretBroken as error:
        return Heard(now, taken=False, status=None, detail=f"its secret cannot be read: {error}")
    signed = signature(kept["secret"], notice.id, now, body)
    assert signed is not None, "we made the secret"
    headers = {
        "content-type": "application/json",
        "webhook-id": notice.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed,
    }
    try:
        reply = await kit.http.send(Request(kept["url"], body=body, headers=headers))
    except (NotSent, LineLost) as error:
        return Heard(now, taken=False, status=None, detail=str(error))
    taken = 200 <= reply.status < 300
    return Heard(now, taken=taken, status=reply.status, detail="" if taken else f"it answered {reply.status}")


async def _record(tx: Tx, notice: Any, heard: Heard) -> None:
    """The try, and what follows from it. Read afresh: an owner may have switched it off or removed it meanwhile."""
    webhook = (await store.behind(tx, [notice.webhook_id])).get(notice.webhook_id)
    if webhook is None:
        return
    row = {"id": ids.new("try"), "webhook_id": webhook.id, "notice_id": notice.id, "event": notice.event}
    await store.note(tx, {**row, "number": notice.tries, **heard._asdict()})
    if heard.taken:
        await store.tell(tx, notice, News.TAKEN)
        if webhook.failing_since is not None:
            await store.change(tx, webhook.id, failing_since=None)
        return
    since = webhook.failing_since or heard.at
    if webhook.failing_since is None:
        await store.change(tx, webhook.id, failing_since=since)
    again = rules.next_try(notice.tries, tx.now)
    if again is None:
        await store.tell(tx, notice, News.GIVEN_UP)
    else:
        await store.wait(tx, notice, until=again)
    if webhook.enabled and (heard.status == GONE or tx.now - since >= rules.SILENT_FOR):
        said = "it answered that it is gone (410)" if heard.status == GONE else "it has taken nothing for three days"
        await service.switch_off(tx, webhook, reason=said)
        log.warning("webhook_switched_off", webhook=webhook.id, because=said)
