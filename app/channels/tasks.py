"""Tasks: on some platforms nothing is posted by us; a member is given the text and presses send. What he did is asked
for afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from app.channels.port import Channel, Credential, Outcome
from app.core.http import Http


class Fate(StrEnum):
    """What the platform says of one chat of a task."""

    WAITING = "waiting"  # its owner has not pressed send
    STANDS = "stands"  # the platform says that it was sent
    FAILED = "failed"  # it cannot be sent, for the stated reason
    UNKNOWN = "unknown"  # in no word that is known: nothing follows from it


@dataclass(frozen=True)
class Fared:
    """How one chat fared, in the platform's word (`code`) and in ours."""

    fate: Fate
    code: str
    detail: str = ""
    at: datetime | None = None


Fates = Mapping[str, Fared]
"""How the chats of a task fared, by their addresses; a chat that is not named has not been told of."""


@dataclass(frozen=True)
class Lost:
    """A task that may exist, and whose number nobody told: what is known of it. `besides` are the numbers of others."""

    owner: str
    chats: Collection[str]
    text: str = field(repr=False)
    since: datetime
    besides: Collection[str] = ()


@runtime_checkable
class Asks(Channel, Protocol):
    """A channel whose `post` asks one member, at `address`, to send a text into `chats` of his. HANDED_OVER: he was
    asked, and `message_id` is the number of the task; nothing stands in any chat yet, and `left_out` are the chats the
    task is not for. `contact`: the kind of contact that names a member; `chats_most`: how many chats a task holds."""

    contact: str
    chats_most: int

    async def fates(self, number: str, owner: str, by: Credential, http: Http) -> Fates | Outcome:
        """How each chat fared, or why that cannot be told now. Never raises."""
        ...

    async def find(self, lost: Lost, by: Credential, http: Http) -> str | Outcome | None:
        """The number of a task whose making was not answered; None where the platform lists none such. Never raises."""
        ...

    async def remind(self, number: str, by: Credential, http: Http) -> Outcome:
        """Have the platform remind the member. Twice is not as good as once. Never raises."""
        ...

    async def cancel(self, number: str, by: Credential, http: Http) -> Outcome:
        """Withdraw the task: what was sent before stands. Twice is as good as once. Never raises."""
        ...
