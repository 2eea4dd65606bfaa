"""Which hosts we may talk to: never a way from outside into our own network.

`ipaddress` alone is not enough: on Python 3.11 NAT64, 6to4 and mapped forms of 127.0.0.1 count as global.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # the only part of IPv6 that is handed out to the public
_DENIED = tuple(ipaddress.ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15"))
_NAME = re.compile(r"[a-z0-9._-]+", re.ASCII)
_ORIGIN = re.compile(r"[^/?#]*//[^/?#]*")
_SETTING = "MUSTER_ALLOWED_HOSTS"
_BLANK = re.compile(r"[\x00-\x20]")
_PORTS = {"http": 80, "https": 443}
_MAIL_PORTS = {"smtp": 587, "smtps": 465}


class AddressRefused(Exception):
    """The address may not be contacted; the text says why, without the address's path or query."""


@dataclass(frozen=True)
class Place:
    """Where a URL leads: the host in lower-case ASCII, without brackets or a closing dot."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True)
class Guard:
    """`allowed` holds `host` or `host:port` entries that may be contacted whatever they resolve to."""

    allowed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "allowed", frozenset(entry.strip().lower() for entry in self.allowed))

    def lists(self, host: str, port: int) -> bool:
        """Whether the operator listed this host himself."""
        if not self.allowed:
            return False
        name = f"[{host}]" if ":" in host else host
        return not self.allowed.isdisjoint({host, name, f"{name}:{port}"})

    def check(self, url: str) -> Place:
        """Where the URL leads. Raises AddressRefused for a place that may never be contacted."""
        found = place(url)
        if self.lists(found.host, found.port):
            return found
        if found.scheme != "https" or found.port != 443:
            raise AddressRefused(f"{found.host} may only be contacted by https on port 443 (or stand in {_SETTING})")
        _demand_public(found.host)
        return found

    def check_mail(self, url: str) -> Place:
        """Where a mail server's URL leads, as `check` does. Raises AddressRefused, for another port than those of
        mail submission, too."""
        found = mail_place(url)
        if self.lists(found.host, found.port):
            return found
        if found.port not in _MAIL_PORTS.values():
            raise AddressRefused(f"{found.host} may only be contacted on port 587 or 465 (or stand in {_SETTING})")
        _demand_public(found.host)
        return found

    def check_host(self, host: str, port: int) -> None:
        """Raises AddressRefused for a host that may never be contacted, by whatever protocol. `host` is what
        somebody else's parser made of a URL, and is read anew."""
        found = place(f"//[{host}]:{port}" if ":" in host else f"//{host}:{port}", {"": port})
        if not self.lists(found.host, found.port):
            _demand_public(found.host)


def _demand_public(host: str) -> None:
    literal = _literal(host)
    if literal is None and ("." not in host or ":" in host):
        raise AddressRefused(f"{host} is not a public host name")
    if literal is not None and not is_public(literal):
        raise AddressRefused(f"{host} is not a public address")


def mail_place(url: str) -> Place:
    """Where `smtp://host[:587]` or `smtps://host[:465]` leads. Raises AddressRefused for anything else."""
    found = place(url, _MAIL_PORTS)
    if urlsplit(url)[2:] not in {("", "", ""), ("/", "", "")}:
        raise AddressRefused("a mail server's address holds nothing behind its port")
    return found


def place(url: str, ports: Mapping[str, int] = _PORTS) -> Place:
    """Where a URL leads, whoever reads it: what two parsers might read differently is refused. `ports`: the schemes
    that are taken, each with its own port. Raises AddressRefused."""
    if "\\" in url or _BLANK.search(url):
        raise AddressRefused("the address holds a backslash or white space")
    origin = _ORIGIN.match(url)
    if origin is None:
        raise AddressRefused(f"the address is not an {' or '.join(ports)} URL")
    return _place(origin[0], tuple(ports.items()))


@lru_cache(maxsize=1024)
def _place(origin: str, own: tuple[tuple[str, int], ...]) -> Place:
    ports = dict(own)
    try:
        parts = urlsplit(origin)
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError as error:
        raise AddressRefused("the address is not a URL") from error
    if parts.scheme not in ports or not host:
        raise AddressRefused(f"the address is not an {' or '.join(ports)} URL")
    if set(parts.netloc) & set("@%"):
        raise AddressRefused("the address holds a user name or a percent sign before its path")
    return Place(parts.scheme, host, ports[parts.scheme] if port is None else port)


def _ascii(written: str) -> str:
    """The host as it goes over the wire. Raises ValueError for a name no one could register."""
    written = written.rstrip(".")
    if ":" in written:
        return str(ipaddress.IPv6Address(written))
    host = written.encode("idna").decode().lower() if written else ""
    if host and not _NAME.fullmatch(host):
        raise ValueError("the host name holds a character that no host name has")
    if not written.isascii() and "xn--" not in host:
        raise ValueError("the host name is written in look-alike characters")
    return host


def _literal(host: str) -> Address | None:
    """The address a host name spells, in any of the ways the C library reads (127.1, 0x7f000001, 017700000001 …)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, seen through every wrapping of IPv4 in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    elif any(address in network for network in _DENIED):
        return False
    return address.is_global and not address.is_multicast


def public_literal(host: str) -> bool:
    """Whether `host` is a plainly written address of the public internet; a name or an odd spelling is not."""
    try:
        return is_public(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False


class GuardedResolver(AbstractResolver):
    """Resolves once and hands the connector only addresses that may be contacted, so that what was checked is
    what is connected to. One address outside the public internet refuses the whole name."""

    def __init__(self, guard: Guard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._guard.lists(host.rstrip(".").lower(), port):
            for result in found:
                if not public_literal(result["host"]):
                    raise OSError(f"{host} resolves to an address that is not public")
        return found

    async def close(self, *_: Any) -> None:
        await self._inner.close()
