"""Quotas: what is left of a day's or a month's posts, read from the ledger; whoever has none left is told why."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import timedelta

from app.core.db import Tx
from app.core.limits import DAYS_BEGIN, Quota, Scope
from app.domain.deliveries import store as deliveries
from app.domain.pacing.rules import Pacer, Ration
from app.flows.findings import Finding
from app.flows.kit import Kit
from app.flows.terms import Terms

HELD = timedelta(seconds=60)
"""A gate before a used-up quota closes for so long, again and again: a quota that was raised is noticed in time."""


async def rations(tx: Tx, given: Mapping[str, Sequence[Quota]]) -> dict[str, list[Ration]]:
    """What is left to these accounts of these quotas."""
    found: dict[str, list[Ration]] = {}
    for account_id, quotas in given.items():
        for quota in quotas:
            begin, end = quota.period.bounds(tx.now)
            ration = Ration(quota, quota.of(tx.now), end.timestamp())
            for row in await deliveries.used(tx, account_id, begin):
                ration.take(row.chat, row.posts)
            found.setdefault(account_id, []).append(ration)
    return found


async def ration(
    tx: Tx, known: Iterable[Terms], pacers: Mapping[str, Pacer], account_ids: Set[str]
) -> dict[str, list[Ration]]:
    """Hand these pacers what is left of their quotas; answers it."""
    given = {name: quotas for one in known for name, quotas in one.quotas.items() if name in account_ids}
    left = await rations(tx, given)
    for account_id, those in left.items():
        pacers[account_id].ration(those)
    return left


def findings(left: Mapping[str, Sequence[Ration]], posts: Mapping[str, int], names: Mapping[str, str]) -> list[Finding]:
    """What a campaign of so many posts leaves of each account's quotas."""
    found = []
    for account_id, those in left.items():
        for one in those:
            if one.quota.scope is Scope.CHAT:
                continue
            free, wanted = max(0, one.count - one.used[""]), posts[account_id]
            sentence = (
                f"“{names[account_id]}” has {free} of its quota of {one.quota} left; this campaign takes {wanted}."
            )
            over = max(0, wanted - free)
            about = f"{names[account_id]} · {wanted} / {free}"
            found.append(Finding("over_quota" if over else "quota_left", sentence, over, about=about))
    return found


async def tell(kit: Kit, left: Mapping[str, Sequence[Ration]]) -> None:
    """Close a gate before whatever has nothing left, so that everybody can see what it waits for."""
    empty = [
        (chat or account_id, ration)
        for account_id, those in left.items()
        for ration in those
        for chat in ration.exhausted
    ]
    if not empty:
        return
    async with kit.db.write() as tx:
        for subject, ration in empty:
            _, end = ration.quota.period.bounds(tx.now)
            reason = f"{ration}; the next begins {end.astimezone(DAYS_BEGIN):%Y-%m-%d %H:%M} (UTC+8)"
            await deliveries.close_gate(tx, subject, reason=reason, until=min(end, tx.now + HELD))
