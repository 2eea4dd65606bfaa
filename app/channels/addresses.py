"""Whether an address given to us may be used for a channel: its shape, and the host it names."""

from typing import Protocol, runtime_checkable

from app.channels.port import Channel
from app.core.addresses import AddressRefused, Guard


@runtime_checkable
class GuardsItself(Protocol):
    """A channel whose addresses are URLs of its own making: it lets a guard judge their hosts when it posts."""

    guards_itself: bool


@runtime_checkable
class NamesItsServer(Protocol):
    """A channel whose accounts name their server in this secret; a base URL would mean nothing to it."""

    server_secret: str


def host_allowed(channel: Channel, url: str, guard: Guard) -> bool:
    """Whether a URL (a group's address, an account's base URL) names the platform's own host or one the operator
    listed. Of a channel's hosts, one that begins with a dot stands for every host below it. A channel without hosts
    of its own (`webhook`) takes any public https host."""
    try:
        place = guard.check(url)
    except AddressRefused:
        return False
    return not channel.hosts or _own(channel, place.host) or guard.lists(place.host, place.port)


def _own(channel: Channel, host: str) -> bool:
    return any(host.endswith(own) if own.startswith(".") else host == own for own in channel.hosts)


def is_url(address: str) -> bool:
    return "://" in address


def address_problem(channel: Channel, address: str, guard: Guard) -> str | None:
    """What is wrong with a group's address, as a sentence, or None: first the channel's own rules of shape, then,
    where the address is a URL, the host. The sentence never repeats the address."""
    problem = channel.address_problem(address)
    if problem is not None or not is_url(address) or isinstance(channel, GuardsItself):
        return problem
    if host_allowed(channel, address, guard):
        return None
    return f"The host of this address {_stranger(channel)}."


def base_url_problem(channel: Channel, url: str, guard: Guard) -> str | None:
    """What is wrong with an account's base URL, as a sentence, or None."""
    if isinstance(channel, NamesItsServer):
        return (
            f"Accounts of this platform have no base URL: their server stands in the secret `{channel.server_secret}`."
        )
    if not is_url(url) or any(mark in url for mark in "?#"):
        return "A base URL begins with https:// and holds neither `?` nor `#`."
    if host_allowed(channel, url, guard):
        return None
    return f"The host of this base URL {_stranger(channel)}."


def _stranger(channel: Channel) -> str:
    own = f"is none of {channel.platform}'s own" if channel.hosts else "is not a public https host"
    return f"{own} and does not stand in MUSTER_ALLOWED_HOSTS"
