"""Read back: a platform that lists what stands in a chat is asked whether uncertain words do. Finding them is proof;
not finding them is none, and is told to whoever settles it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import structlog

from app.channels.port import Outcome, ReadsBack, Sought, Verdict
from app.core.db import Tx
from app.core.outages import concerns_all, is_collision
from app.core.secrets import SecretBroken
from app.domain.accounts import service as accounts
from app.domain.accounts import store as account_store
from app.domain.deliveries import store as deliveries
from app.domain.directory import service as directory
from app.domain.directory import store as directory_store
from app.flows.heed import heed
from app.flows.kit import Kit
from app.flows.outcomes import said
from app.flows.receipts import found_standing

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=3)
"""An account is asked no more often."""
LEASE = timedelta(seconds=60)
"""Longer than a look can take: whoever dies over one leaves it to the next."""
LATER = timedelta(minutes=10)
GIVEN_UP = timedelta(hours=24)
"""Where nobody answers the question, it is put again for so long after the words."""
OFTEN = 2
"""Looks that find nothing before anybody is told: a chat may list late what it has."""
NOT_SHOWN = "; the chat does not show it"
NEVER = {Verdict.CONTENT_REFUSED, Verdict.TARGET_GONE}

Found = str | Outcome | None


@dataclass(frozen=True)
class _Doubt:
    """What is to be asked about, with what that takes."""

    delivery: Any
    sender: Any
    target: Any


@dataclass
class Seeker:
    """One for each process: it knows which accounts have been asked just now."""

    kit: Kit
    rests: dict[str, datetime] = field(default_factory=dict)

    @cached_property
    def ways(self) -> list[str]:
        """The channels that can be asked."""
        return [name for name, channel in self.kit.channels.items() if isinstance(channel, ReadsBack)]

    async def round(self) -> int:
        """Ask once for each account with something uncertain; answers 0, for the next round comes soon enough."""
        async with self.kit.db.read(loose=True) as tx:
            asked = [one for one in await account_store.going_by(tx, self.ways) if self._may_ask(one, tx.now)]
            doubtful = sorted(await deliveries.in_doubt(tx, asked)) if asked else []
            found = {one: await deliveries.next_look(tx, one) for one in doubtful}
        due = {account: row for account, row in found.items() if row is not None}
        if not due:
            return 0
        async with self.kit.db.write() as tx:
            mine = {account: row for account, row in due.items() if await deliveries.claim_look(tx, row, lease=LEASE)}
            doubts = await _gather(tx, mine)
        asked_at = self.kit.clock.now()
        answers = await asyncio.gather(*(_ask(self.kit, one) for one in doubts))
        for one, answer in zip(doubts, answers, strict=True):
            self.rests[one.sender.id] = self.kit.clock.now() + max(EVERY, _wait(answer) or EVERY)
            try:
                async with self.kit.db.write() as tx:
                    await _go_by(tx, one, answer, asked_at)
            except Exception as error:
                if concerns_all(error) and not is_collision(error):
                    raise
                log.exception("read_back_not_kept", delivery=one.delivery.id)
        return 0

    def _may_ask(self, account_id: str, now: datetime) -> bool:
        until = self.rests.get(account_id)
        return until is None or until <= now


async def _gather(tx: Tx, claimed: dict[str, Any]) -> list[_Doubt]:
    if not claimed:
        return []
    senders = {row.id: row for row in await account_store.senders(tx, sorted(claimed))}
    rows = claimed.values()
    groups = {row.id: row for row in await directory_store.doors(tx, [one.group_id for one in rows if one.group_id])}
    people = {row.id: row for row in await directory_store.people(tx, [one.leader_id for one in rows if one.leader_id])}
    return [
        _Doubt(row, senders[account], groups.get(row.group_id) if row.group_id else people.get(row.leader_id))
        for account, row in claimed.items()
    ]


async def _ask(kit: Kit, one: _Doubt) -> Found:
    """Ask once. Whatever happens, an answer comes back."""
    channel = kit.channels.get(one.sender.channel)
    assert isinstance(channel, ReadsBack), "only accounts that go such a way are asked"
    try:
        secret = accounts.secret(kit.vault, one.sender)
        if one.delivery.group_id and one.delivery.chat.partition(":")[2] != one.target.address_key:
            return Outcome(Verdict.TARGET_GONE, "elsewhere", "the group has another address since")
        if one.delivery.group_id:
            address, _ = directory.whole_address(kit.vault, one.target)
        else:
            address = directory.whole_contact(kit.vault, one.target)
        key, since = one.delivery.id, one.delivery.since
        return await channel.found(Sought(key, since, kit.clock.now(), address, secret, one.sender.base_url), kit.http)
    except (SecretBroken, AttributeError) as error:
        return Outcome(Verdict.TARGET_GONE, "unreadable", f"its address cannot be read ({type(error).__name__})")
    except Exception as error:
        log.exception("adapter_broke", because=type(error).__name__)
        return Outcome(Verdict.AMBIGUOUS, "adapter_broke", f"the adapter failed ({type(error).__name__})")


def _wait(answer: Found) -> timedelta | None:
    """How long the platform wants to be left alone."""
    if isinstance(answer, Outcome) and answer.verdict is Verdict.THROTTLED:
        return timedelta(seconds=answer.wait_s or 60.0)
    return None


async def _go_by(tx: Tx, one: _Doubt, answer: Found, asked_at: datetime) -> None:
    row = one.delivery
    if isinstance(answer, str):
        await found_standing(tx, row.center_id, row.id, reason="found in the chat by its key", message_id=answer)
    elif isinstance(answer, Outcome):
        hopeless = answer.verdict in NEVER or tx.now > row.since + GIVEN_UP
        await heed(tx, answer, one.sender.id, asked_at=asked_at)
        await deliveries.put_off(tx, row, None if hopeless else _wait(answer) or LATER)
        log.warning("not_read_back", delivery=row.id, because=said(answer))
    else:
        await deliveries.looked(tx, row)
        if row.times >= OFTEN and NOT_SHOWN not in row.reason:
            await deliveries.remark(tx, row, f"{row.reason}{NOT_SHOWN}")
