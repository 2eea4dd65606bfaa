"""The port's other direction: what a platform tells by itself. A request goes in; its news or a refusal comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Matter(StrEnum):
    """What a platform may have to say that concerns us."""

    GONE = "gone"  # the account is not in this chat any more, or the chat does not stand any more
    BACK = "back"  # the account is in this chat
    MOVED = "moved"  # this chat has a new address
    SAID = "said"  # a person wrote something
    DELIVERED = "delivered"  # a post of ours stands in its chat
    FAILED = "failed"  # a post of ours does not stand in its chat
    READ = "read"  # somebody read a post of ours


@dataclass(frozen=True)
class Call:
    """One request that says it comes from a platform. Names of headers are in small letters; `secret` is the secret
    of the account it was sent to, `at` the time by our clock."""

    at: datetime
    method: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Told:
    """One thing that was told. `event_id`: the platform's own name of the event, the same however often it is told,
    or nothing; `addresses`: every spelling of the chat it is about; `code`: the platform's own word; `person`: who
    acted, as a leader's contact has it; `delivery`: the key of a post of ours; `at`: the platform's own time."""

    matter: Matter
    event_id: str = ""
    addresses: tuple[str, ...] = field(default=(), repr=False)
    moved_to: str = ""
    code: str = ""
    person: str = ""
    text: str = field(default="", repr=False)
    message_id: str = ""
    reply_to: str = ""
    delivery: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Hearing:
    """A request that is the platform's own: what it tells, and what it wants to hear for an answer."""

    told: Sequence[Told] = ()
    answer: str = field(default="", repr=False)
    media_type: str = "text/plain"


@dataclass(frozen=True)
class Refusal:
    """A request that is not proven to be the platform's. `because` is for the log alone; who sent it learns nothing."""

    because: str


@runtime_checkable
class Hears(Protocol):
    """A channel whose platform tells things by itself."""

    def hear(self, call: Call) -> Hearing | Refusal:
        """Verify first, in constant time; then understand. A proven request that concerns nobody here is an empty
        hearing. Never raises."""
        ...
