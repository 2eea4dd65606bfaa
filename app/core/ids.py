"""Identifiers: a prefix that names the kind, then 26 characters of Crockford's base 32, or some more for what is part
of something else."""

import hashlib
import secrets
import time
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)


def new(prefix: str) -> str:
    """A fresh id whose first ten characters grow with time, so that index pages stay warm."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{_encode((milliseconds << 80) | secrets.randbits(80))}"


def many(prefix: str, count: int) -> list[str]:
    """As many fresh ids as asked for, with one call to the system's source of chance."""
    milliseconds = time.time_ns() // 1_000_000
    chance = secrets.token_bytes(10 * count)
    return [
        f"{prefix}_{_encode((milliseconds << 80) | int.from_bytes(chance[start : start + 10]))}"
        for start in range(0, 10 * count, 10)
    ]


def derive(prefix: str, *parts: str) -> str:
    """The one id these parts always give: what makes planning the same thing twice harmless."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    return f"{prefix}_{_encode(int.from_bytes(digest))}"


def within(prefix: str, scope: str, member: str) -> str:
    """The one id that stands for a member in a scope. All ids of a scope lie together, in the order of their members'
    own: rows that are worked on in that order are neighbours in every index."""
    return f"{prefix}_{_scope(scope)}{_tail(member)}"


def after(prefix: str, owner: str, *parts: str) -> str:
    """The one id of something that belongs to the owner of another id, next to whatever else belongs to it."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    return f"{prefix}_{_tail(owner)}{_encode(int.from_bytes(digest))[-8:]}"


def share(*parts: str) -> float:
    """A number in [0, 1) that these parts always give: seeded chance that anyone can recompute."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


@lru_cache(maxsize=1024)
def _scope(scope: str) -> str:
    return _encode(int.from_bytes(hashlib.blake2b(scope.encode(), digest_size=16).digest()))[-12:]


def _tail(one: str) -> str:
    return one.partition("_")[2]


def _encode(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
