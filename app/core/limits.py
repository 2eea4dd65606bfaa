"""A published limit as data: at most `count` sends in any `per_s` seconds, within one scope."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What shares a limit, from the narrowest to the widest."""

    CHAT = "chat"
    ACCOUNT = "account"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Limit:
    """`count` sends in any window of `per_s` seconds, counted per `scope`."""

    scope: Scope
    count: int
    per_s: float

    def __str__(self) -> str:
        return f"{self.count} per {self.per_s:g} s per {self.scope}"
