"""Take in: a request from outside is proven to be a platform's own and what it tells is written down, once. That is all
the platform waits for; what follows from it is `flows.receive`'s."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from app.channels.inbound import Call, Hearing, Hears, Refusal, Told
from app.core import ids
from app.core.db import Tx
from app.core.jobs import RECEIVE
from app.core.secrets import SecretBroken
from app.domain.accounts import service as accounts_service
from app.domain.accounts import store as accounts
from app.domain.directory import rules as directory
from app.domain.inbox import rules
from app.domain.inbox import store as inbox
from app.domain.inbox.states import Matter
from app.flows.kit import Kit

log = structlog.get_logger(__name__)


class _Account(Protocol):
    """What this flow reads of an account."""

    id: str
    center_id: str
    platform: str
    channel: str


async def take_in(kit: Kit, platform: str, account_id: str, call: Call) -> Hearing | None:
    """What a request for this account tells, written down before it is answered. None where nothing proves that it
    comes from the account's platform, for whatever reason: who sent it cannot tell one from another."""
    async with kit.db.read() as tx:
        account = next(iter(await accounts.get(tx, [account_id])), None)
    if account is None or account.platform != platform:
        return None
    heard: Hearing | Refusal = Refusal("its channel hears nothing")
    channel = kit.channels.get(account.channel)
    if isinstance(channel, Hears):
        try:
            secret = accounts_service.secret(kit.vault, account)
        except SecretBroken:
            return None
        heard = channel.hear(replace(call, at=kit.clock.now(), secret=secret))
    if isinstance(heard, Refusal):
        log.info("callback_refused", account=account.id, platform=platform, because=heard.because)
        return None
    if heard.told and call.method != "GET":
        await _write_down(kit, account, heard.told, call.body)
    return heard


async def _write_down(kit: Kit, account: _Account, told: Sequence[Told], body: bytes) -> None:
    """What is known already is found out by reading, so that a storm of replays never takes the writer's place."""
    lately = kit.clock.now() - rules.KEPT  # what is older may be known no more, and could be counted twice
    fresh = [(place, one) for place, one in enumerate(told) if one.at is None or one.at > lately]
    keyed = {rules.event_key(one.event_id, body, place): one for place, one in fresh}
    async with kit.db.read() as tx:
        known = await inbox.known(tx, account.id, list(keyed))
    if keyed.keys() - known:
        async with kit.db.write() as tx:
            await inbox.keep(tx, [_row(tx, account, key, one) for key, one in keyed.items() if key not in known])
            tx.then(RECEIVE, account.id)


def _row(tx: Tx, account: _Account, key: str, told: Told) -> dict[str, Any]:
    platform = account.platform
    return {
        "id": ids.new("inb"),
        "center_id": account.center_id,
        "account_id": account.id,
        "platform": platform,
        "event_key": key,
        "matter": Matter(told.matter.value),
        "address_keys": [directory.address_key(platform, address, "") for address in told.addresses if address],
        "moved_to": rules.kept(told.moved_to),
        "code": rules.kept(told.code),
        "person": rules.kept(told.person),
        "text": rules.kept(told.text, rules.TEXT_MOST),
        "message_id": rules.kept(told.message_id),
        "reply_to": rules.kept(told.reply_to),
        "delivery_id": rules.kept(told.delivery),
        "said_at": told.at,
        "received_at": tx.now,
        "due_at": tx.now,
    }
