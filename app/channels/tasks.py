"""Tasks: on some platforms nothing is posted by us; a member is given the text and presses send. What he did is asked
for afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.channels.port import Outcome


@dataclass(frozen=True)
class Task:
    """One text that one owner is to send into chats of his."""

    owner: str
    chats: Sequence[str]
    text: str


@dataclass(frozen=True)
class Given:
    """What became of the asking. HANDED_OVER: the task exists and bears `outcome.message_id`, which is not a message;
    nothing stands in any chat yet. `refused` are the chats it does not hold."""

    outcome: Outcome
    refused: frozenset[str] = frozenset()


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
