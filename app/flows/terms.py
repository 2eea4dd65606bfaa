"""Terms: what accounts are paced by, those with one sender together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.channels.port import Channel
from app.channels.published import quotas as channel_quotas
from app.channels.published import rush
from app.channels.tasks import Asks
from app.core.db import Tx
from app.core.limits import Limit, Quota, Rush, Scope
from app.domain.accounts import store as accounts
from app.domain.accounts.rules import of_its_own, quotas, shared
from app.domain.accounts.service import own_limits
from app.domain.pacing.rules import Common, Pacer
from app.flows.kit import Kit


@dataclass(frozen=True)
class Terms:
    """One sender: the limits its accounts share, each account's own beside them, and when it is to be left alone."""

    shared: tuple[Limit, ...]
    own: Mapping[str, tuple[Limit, ...]]
    rush: Rush | None
    quotas: Mapping[str, tuple[Quota, ...]]

    def pacers(self) -> dict[str, Pacer]:
        """A fresh pacer for each account, drawing on what they have in common."""
        common = Common(self.shared)
        return {account: Pacer(limits, common=common, rush=self.rush) for account, limits in self.own.items()}

    @property
    def longest_s(self) -> float:
        """The longest window of all."""
        limits = (*self.shared, *(limit for own in self.own.values() for limit in own))
        return max((limit.per_s for limit in limits), default=0.0)


async def terms(kit: Kit, tx: Tx, account_ids: Iterable[str]) -> dict[str, Terms]:
    """The terms of these accounts, and of all that share limits with them, by the sender they are."""
    members = defaultdict(list)
    for row in await accounts.paced(tx, sorted(account_ids)):
        members[row.pace_key or row.id].append(row)
    found = {}
    for key, rows in members.items():
        own = {row.id: own_limits(row.limits) for row in rows}
        published = channel_quotas(rows[0].channel)
        channel = kit.channels.get(rows[0].channel)  # none where an extra is not installed: saying it tells
        found[key] = Terms(
            shared(channel.limits if channel else (), list(own.values())),
            {account: of_its_own(limits) for account, limits in own.items()},
            rush(rows[0].channel),
            {
                account: given
                for account, limits in own.items()
                if (given := _counted(channel, quotas(published, limits)))
            },
        )
    return found


def _counted(channel: Channel | None, given: tuple[Quota, ...]) -> tuple[Quota, ...]:
    """What is counted by posts: where an account has owners asked, its groups' quotas are counted by what they got."""
    return tuple(one for one in given if not (isinstance(channel, Asks) and one.scope is Scope.CHAT))
