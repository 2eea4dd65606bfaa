"""Accounts and the gate in front of each: a credential that works again lets its deliveries go on."""

from datetime import timedelta

from app.channels import published
from app.channels.addresses import base_url_problem
from app.channels.port import Checked, Checks, Credential
from app.channels.registry import ways
from app.core.addresses import Guard
from app.core.db import Tx
from app.core.errors import Invalid
from app.core.jobs import WAKE
from app.core.secrets import SecretBroken
from app.domain.access.rules import Caller
from app.domain.accounts import service, store
from app.domain.accounts.service import Changes, House, NewAccount, Row
from app.domain.deliveries import store as deliveries
from app.flows.control import outlast_claims
from app.flows.kit import Kit
from app.flows.lanes import shard_for

HAND_ON = timedelta(seconds=1)
"""Twice as long as a drain goes on without a look at its lanes."""


def house(kit: Kit) -> House:
    """What this service holds accounts against."""
    guard = Guard(frozenset(kit.settings.allowed_hosts))
    return House(kit.vault, guard, kit.channels, published.quotas, published.SHARED)


def _check_base_url(kit: Kit, platform: str, base_url: str | None) -> None:
    """A secret goes to its platform and nowhere else. Raises Invalid."""
    if base_url is None:
        return
    guard = Guard(frozenset(kit.settings.allowed_hosts))
    problems = [base_url_problem(channel, base_url, guard) for channel in ways(kit.channels, platform)]
    if problems and all(problems):
        raise Invalid.field("/base_url", str(problems[0]))


async def create(kit: Kit, caller: Caller, new: NewAccount) -> Row:
    """Raises Invalid, Conflict."""
    _check_base_url(kit, new.platform, new.base_url)
    async with kit.db.write() as tx:
        account = await service.create(tx, caller.center_id, new, house=house(kit), actor=caller.actor)
        await _wait_with_its_fellows(tx, account.id)
        return account


async def check(kit: Kit, caller: Caller, account_id: str) -> Checked:
    """Ask the platform whether an account's secret works. Nothing is posted and nothing changes here. Raises
    NotFound."""
    async with kit.db.read() as tx:
        account = await service.one(tx, caller.center_id, account_id)
    channel = kit.channels.get(account.channel)
    if not isinstance(channel, Checks):
        return Checked(None, "no_question", f"{account.platform} has no question that posts nothing; a post will tell.")
    try:
        secret = service.secret(kit.vault, account)
    except SecretBroken as error:
        return Checked(works=False, code="secret_broken", detail=f"The stored secret cannot be read: {error}.")
    return await channel.check(Credential(kit.clock.now(), secret, account.base_url), kit.http)


async def patch(kit: Kit, caller: Caller, account_id: str, changes: Changes) -> Row:
    """Change an account. A new secret, or switching it on, opens its gate and wakes the drain; switching it off
    closes the gate before the next send; new limits hold from the drain's next look. What its platform asked it to
    wait goes on through all of this. Raises NotFound, Invalid, Conflict."""
    async with kit.db.write() as tx:
        account = await service.one(tx, caller.center_id, account_id)
        _check_base_url(kit, account.platform, changes.get("base_url"))
        changed = await service.patch(tx, caller.center_id, account_id, changes, house=house(kit), actor=caller.actor)
        if changed.opened:
            await deliveries.open_gate(tx, account_id)
        if changed.closed:
            await deliveries.close_gate(tx, account_id, reason=f"This account was switched off by {caller.actor}.")
        if changed.rekeyed:
            await _hand_on(kit, tx, account_id)
        tx.then(WAKE, "account")
    if changed.closed:
        await outlast_claims(kit, account_id)
    return changed.account


async def _hand_on(kit: Kit, tx: Tx, account_id: str) -> None:
    """It is somebody else to its platform, and its lanes go where those with the same limits are paced. Nothing leaves
    until whoever held them before has looked again, and let go; what was claimed before then was said by whom it was,
    and no key of that time is used again."""
    since = kit.clock.now() + HAND_ON  # by now the account is ours; the transaction is as old as its wait for that
    await store.speaks(tx, account_id, since=since)
    await deliveries.move_lanes(tx, account_id, await shard_for(tx, account_id))
    reason = "the account has a new secret, and its limits are handed on"
    await deliveries.close_gate(tx, account_id, reason=reason, until=since)
    await _wait_with_its_fellows(tx, account_id)


async def _wait_with_its_fellows(tx: Tx, account_id: str) -> None:
    """Whoever becomes one sender with others to their platform waits with them."""
    fellows = [row.id for row in await store.paced(tx, [account_id])]
    for gate in await deliveries.closed_gates(tx, fellows):
        if gate.until is not None:
            await deliveries.close_gate(tx, account_id, reason=gate.reason, until=gate.until)
