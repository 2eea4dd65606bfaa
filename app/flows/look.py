"""Look: ask platforms what owners did with the tasks they were given. Only their own word that it was sent counts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from app.channels.port import Credential, Outcome, Verdict
from app.channels.tasks import Asks, Fates, Lost
from app.core.db import Tx
from app.core.outages import concerns_all
from app.core.secrets import SecretBroken
from app.domain.accounts import service as accounts
from app.domain.accounts import store as account_store
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.domain.tasks import rules
from app.domain.tasks import store as tasks
from app.domain.tasks.states import State
from app.flows.fared import apply, found_again
from app.flows.heed import heed
from app.flows.kit import Kit
from app.flows.outcomes import said

log = structlog.get_logger(__name__)

AT_ONCE = 16
LEASE = timedelta(seconds=60)
"""Longer than a look can take: whoever dies over one leaves it to the next."""

Found = Fates | str | None | Outcome


@dataclass(frozen=True)
class _Look:
    """A task to be asked about, with what that takes."""

    task: Any
    sender: Any
    chats: Sequence[str]
    text: str
    besides: set[str]


async def look(kit: Kit) -> int:
    """Ask about what is due, each once; answers how many there were. An account behind a closed gate asks nothing, as
    it says nothing."""
    async with kit.db.read(loose=True) as tx:
        found = await tasks.with_looks(tx)
        shut = {gate.subject for gate in await deliveries.closed_gates(tx, found)} if found else set()
    if not set(found) - shut:
        return 0
    async with kit.db.write() as tx:
        due = await tasks.claim_looks(tx, sorted(set(found) - shut), limit=AT_ONCE, lease=LEASE)
        looks = await _gather(tx, due)
    asked_at = kit.clock.now()
    answers = await asyncio.gather(*(_ask(kit, one) for one in looks))
    for one, answer in zip(looks, answers, strict=True):
        try:
            if isinstance(answer, Outcome):  # by itself: who holds a campaign may wait for an account
                async with kit.db.write() as tx:
                    await heed(tx, answer, one.task.account_id, asked_at=asked_at)
            async with kit.db.write() as tx:
                await _go_by(tx, one, answer)
        except Exception as error:
            if concerns_all(error):
                raise
            log.exception("look_not_kept", task=one.task.id)
    return len(due)


async def _gather(tx: Tx, due: Sequence[Any]) -> list[_Look]:
    senders = {row.id: row for row in await account_store.senders(tx, sorted({task.account_id for task in due}))}
    groups = await relays.groups_of_tasks(tx, [task.id for task in due])
    doors = await directory.doors(tx, sorted({group for some in groups.values() for group in some.values()}))
    where = {row.id: row.address for row in doors}
    texts = await campaigns.texts(tx, sorted({task.text_id for task in due}))
    looks = []
    for task in due:
        besides: set[str] = set()
        if task.state is State.UNKNOWN:
            besides = await tasks.numbers(tx, task.account_id, task.made_at - rules.OUTLIVES)
        chats = [where[group] for group in groups[task.id].values()]
        looks.append(_Look(task, senders[task.account_id], chats, texts[task.text_id].body, besides))
    return looks


async def _ask(kit: Kit, one: _Look) -> Found:
    """Ask once. Whatever happens, an answer comes back."""
    channel = kit.channels.get(one.sender.channel)
    if not isinstance(channel, Asks):
        return Outcome(Verdict.NOT_SENT, "channel_unknown", "this worker does not know the channel")
    try:
        by = Credential(kit.clock.now(), accounts.secret(kit.vault, one.sender), one.sender.base_url)
        if one.task.state is State.UNKNOWN:
            lost = Lost(one.task.owner, one.chats, one.text, one.task.made_at, one.besides)
            return await channel.find(lost, by, kit.http)
        return await channel.fates(one.task.number, one.task.owner, by, kit.http)
    except SecretBroken as error:
        return Outcome(Verdict.CREDENTIAL_REFUSED, "secret_broken", str(error))
    except Exception as error:
        log.exception("adapter_broke", because=type(error).__name__)
        return Outcome(Verdict.AMBIGUOUS, "adapter_broke", f"the adapter failed ({type(error).__name__})")


async def _go_by(tx: Tx, one: _Look, answer: Found) -> None:
    campaign = await campaigns.hold(tx, one.task.campaign_id)
    task = await tasks.take(tx, one.task.id)
    assert campaign is not None, "a task is a campaign's"
    if task is None or task.state is not one.task.state:
        return
    if isinstance(answer, Outcome):
        wait = timedelta(seconds=answer.wait_s) if answer.wait_s else rules.LATER
        await tasks.look_at(tx, [task.id], tx.now + max(wait, rules.LATER), reason=said(answer))
        log.warning("task_not_seen", task=task.id, because=answer.code)
    elif answer is None or isinstance(answer, str):
        await found_again(tx, campaign, task, answer)
    else:
        await apply(tx, campaign, task, answer)
