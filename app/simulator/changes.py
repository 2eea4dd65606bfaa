"""What became of messages after they stood in a chat: taken back, given other words, or kept on top; and of which an
owner was asked to send them. Appended and never changed."""

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    TAKEN_BACK = "taken_back"
    EDITED = "edited"
    PINNED = "pinned"
    ASKED = "asked"  # a task by this number asks a member to send it; it stands nowhere yet


@dataclass(frozen=True)
class Change:
    """`message` is the number the platform gave it; `text` the words that stand there now."""

    at: float
    platform: str
    target: str
    message: str
    what: What
    text: str
