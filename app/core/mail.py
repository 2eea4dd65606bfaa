"""Mail out: one server, one letter, one deadline, and an honest word about how far the conversation came.

A mail server may have taken a letter from the moment on at which its text, with the final dot, is written to the
line (RFC 5321, section 6.1); before that it has nothing to take. The host passes the same guard as everything else.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from app.core.http import NotSent


class Step(StrEnum):
    """How far a conversation came: what the server's last word is about."""

    BEGINNING = "beginning"
    TLS = "encryption"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    READY = "text announced"
    TEXT = "text"  # the words and the final dot left us


@dataclass(frozen=True)
class Server:
    """A mail server by its `smtp://host[:587]` (STARTTLS) or `smtps://host[:465]`, and how to log in, if at all."""

    url: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Letter:
    """One letter for one mailbox: plain ASCII addresses, the text whole with its headers and CRLF line ends."""

    sender: str
    recipient: str = field(repr=False)
    text: bytes = field(repr=False)


@dataclass(frozen=True)
class Said:
    """The server's last word: a reply code, -1 for nonsense, and the step it belongs to."""

    step: Step
    code: int
    words: str = field(repr=False)


class Busy(NotSent):
    """As many letters as this server may get at once were on their way for too long. Nothing left this machine."""


class Mail(Protocol):
    async def send(self, server: Server, letter: Letter) -> Said:
        """Say it once. Raises NotSent (Busy where the fault is ours) or LineLost, and nothing else."""
        ...

    async def ask(self, server: Server, sender: str) -> Said:
        """Log in and name the sender, and no more. Raises as `send` does."""
        ...
