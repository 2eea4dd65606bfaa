"""Which groups and leaders may enter the directory: what only the channels and the accounts can judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.channels import addresses
from app.channels.port import Channel
from app.channels.published import SHARED
from app.channels.registry import platforms, way_of
from app.channels.tasks import Asks
from app.core.addresses import Guard
from app.core.db import Tx
from app.core.text import comparable
from app.domain.accounts import store as accounts
from app.domain.accounts.rules import pace_key
from app.domain.directory.rules import BOT, MANUAL, Contact
from app.flows.kit import Kit

DEFAULT = ""


class NamedAccount(Protocol):
    """What is asked of an account here."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def channel(self) -> str: ...


@dataclass(frozen=True)
class Admission:
    """The channels there are, the hosts that may be contacted, and the center's accounts by comparable name."""

    channels: Mapping[str, Channel]
    guard: Guard
    accounts: Mapping[str, NamedAccount]
    platforms: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "platforms", platforms(self.channels) | {MANUAL})

    def address_problem(self, platform: str, address: str) -> str | None:
        """What is wrong with a group's address, as a sentence that does not repeat it, or None."""
        channel = way_of(self.channels, platform, address)
        return addresses.address_problem(channel, address, self.guard) if channel and address else None

    def contact_problem(self, contact: Contact) -> str | None:
        """What is wrong with a leader's contact; only a webhook's host can be."""
        return self.address_problem("webhook", contact.value) if contact.secret else None

    def account(self, platform: str, name: str, address: str, *, routes: tuple[str, ...]) -> str | None:
        """The id of the account that posts into such a group, None where none is needed, DEFAULT where the
        platform's own account is meant and not there yet. An `address` that is not known here is left empty. Raises
        ValueError with a sentence."""
        if name:
            return self._named(platform, name, address)
        channel = way_of(self.channels, platform, address)
        if channel is None or BOT not in routes:
            return None
        if not channel.account_secret:
            own = self.accounts.get(comparable(platform))
            return own.id if own is not None and own.channel == channel.name else DEFAULT
        fitting = [account for account in self.accounts.values() if account.channel == channel.name]
        if len(fitting) == 1:
            return fitting[0].id
        if not fitting:
            needs = ", ".join(channel.account_secret)
            raise ValueError(f"There is no {platform} account with {needs} yet; create one first.")
        names = ", ".join(sorted(account.name for account in fitting)[:5])
        raise ValueError(f"There are {len(fitting)} {platform} accounts ({names}); name the one that posts here.")

    def _named(self, platform: str, name: str, address: str) -> str:
        account = self.accounts.get(comparable(name))
        if account is None:
            raise ValueError(f"There is no account named “{name}”.")
        if account.platform != platform:
            raise ValueError(f"The account “{account.name}” belongs to {account.platform}, not to {platform}.")
        asks = way_of(self.channels, platform, address) if address else None
        if isinstance(asks, Asks) and asks.name != account.channel:
            secrets = " and ".join(asks.account_secret)
            raise ValueError(f"“{account.name}” cannot have this group's owner asked; an account with {secrets} can.")
        channel = self.channels.get(account.channel)
        problem = channel.address_problem(address) if channel and address else None
        if problem is not None:
            raise ValueError(f"The account “{account.name}” cannot post to this address. {problem}")
        return account.id


async def admission(tx: Tx, kit: Kit, center_id: str) -> Admission:
    """The rules of admission as they stand in this transaction."""
    guard = Guard(frozenset(kit.settings.allowed_hosts))
    return Admission(kit.channels, guard, await accounts.by_name(tx, center_id))


async def settle(tx: Tx, center_id: str, platform: str, account_id: str | None) -> str | None:
    """The id in place of DEFAULT: the platform's own account, created where it is missing."""
    if account_id != DEFAULT:
        return account_id
    key = pace_key(platform, None, SHARED.get(platform), {})
    return (await accounts.ensure(tx, center_id, platform, pace_key=key)).id
