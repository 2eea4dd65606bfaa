"""Askers: accounts that post nothing themselves. Whom each can ask, and which groups have had all that they may get."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.channels.published import quotas as channel_quotas
from app.channels.tasks import Asks
from app.core.db import Tx
from app.core.limits import Quota, Scope
from app.domain.accounts.rules import quotas
from app.domain.accounts.service import own_limits
from app.domain.relays import store as relays
from app.flows.kit import Kit


class Account(Protocol):
    """What is asked of an account here."""

    id: str
    channel: str
    limits: list[dict[str, Any]] | None


@dataclass(frozen=True)
class Asker:
    """`contact`: the kind of contact by which its platform knows people; `quotas`: how many texts a group may get."""

    contact: str
    chats_most: int
    quotas: tuple[Quota, ...]


def asker(kit: Kit, account: Account) -> Asker:
    """How this account asks. It must be one that does."""
    channel = kit.channels[account.channel]
    assert isinstance(channel, Asks)
    given = quotas(channel_quotas(account.channel), own_limits(account.limits))
    return Asker(channel.contact, channel.chats_most, tuple(quota for quota in given if quota.scope is Scope.CHAT))


async def spent(tx: Tx, asked: Mapping[str, Asker], *, at: datetime) -> set[str]:
    """Which of these groups, each with its asker, have had all the texts of the day or the month around `at`."""
    alike: defaultdict[Asker, list[str]] = defaultdict(list)
    for group_id, one in asked.items():
        alike[one].append(group_id)
    found: set[str] = set()
    for one, group_ids in alike.items():
        for quota in one.quotas:
            had = await relays.had_since(tx, group_ids, quota.period.bounds(at)[0])
            found |= {group_id for group_id, times in had.items() if times >= quota.of(at)}
    return found
