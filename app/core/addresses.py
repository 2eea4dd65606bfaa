"""Which hosts we may talk to: never a way from outside into our own network.

`ipaddress` alone is not enough: on Python 3.11 NAT64, 6to4 and mapped forms of 127.0.0.1 count as global.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "64:ff9b:1::/48",
        "fec0::/10",
        "100::/64",
    )
)


class AddressRefused(Exception):
    """The address may not be contacted; the text says why, without the address's path or query."""


@dataclass(frozen=True)
class Guard:
    """`allowed` holds `host` or `host:port` entries that may be contacted whatever they resolve to."""

    allowed: frozenset[str] = frozenset()

    def lists(self, host: str, port: int | None) -> bool:
        return host in self.allowed or f"{host}:{port}" in self.allowed

    def check(self, url: str) -> SplitResult:
        """The parsed URL. Raises AddressRefused for one that may never be contacted."""
        parts, host, port = _parse(url)
        if self.lists(host, port):
            return parts
        if parts.scheme != "https" or port not in {None, 443}:
            raise AddressRefused(
                f"{host} may only be contacted by https on port 443 (or stand in MUSTER_ALLOWED_HOSTS)"
            )
        literal = _literal(host)
        if literal is None and "." not in host:
            raise AddressRefused(f"{host} is not a public host name")
        if literal is not None and not is_public(literal):
            raise AddressRefused(f"{host} is not a public address")
        return parts


def _parse(url: str) -> tuple[SplitResult, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("the address is not a URL") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AddressRefused("the address is not an http or https URL")
    if "@" in parts.netloc or "\\" in url or any(ord(character) <= 32 for character in url):
        raise AddressRefused("the address holds a user name, a backslash or white space")
    return parts, parts.hostname.rstrip(".").lower(), port


def _literal(host: str) -> Address | None:
    """The address a host name spells, in any of the ways the C library reads (127.1, 0x7f000001, 127。0。0。1 …)."""
    for dot in "。．｡":
        host = host.replace(dot, ".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, seen through every wrapping of IPv4 in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _DENIED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves once and hands the connector only addresses that may be contacted, so that what was checked is
    what is connected to. One address outside the public internet refuses the whole name."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._guard.lists(host, port):
            for result in found:
                if not is_public(ipaddress.ip_address(result["host"].split("%")[0])):
                    raise OSError(f"{host} resolves to an address that is not public")
        return found

    async def close(self, *_: Any) -> None:
        await self._inner.close()
