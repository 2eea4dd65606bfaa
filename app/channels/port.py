"""The port every platform adapter fits: a post goes in, one of a closed set of outcomes comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.core.http import Http
from app.core.limits import Limit, Scope


class Verdict(StrEnum):
    """What an answer means for the ledger. Nothing else may come out of an adapter."""

    SENT = "sent"  # accepted by the platform
    HANDED_OVER = "handed_over"  # the platform only queued it and tells us no more
    THROTTLED = "throttled"  # a well-defined "slow down" for one scope; not an attempt
    NOT_SENT = "not_sent"  # provably not posted and worth another try: no connection, a documented "busy"
    AMBIGUOUS = "ambiguous"  # it may have been posted
    TARGET_GONE = "target_gone"  # this chat cannot be reached any more
    MOVED = "moved"  # this chat has a new address, given in `moved_to`
    CREDENTIAL_REFUSED = "credential_refused"  # the account's secret is wrong or was withdrawn
    CONTENT_REFUSED = "content_refused"  # this message will never be taken


@dataclass(frozen=True)
class Outcome:
    """One answer, understood. `code` is the platform's own word for it; `detail` is a sentence without any secret.
    `wait_s` and `scope` belong to THROTTLED; a NOT_SENT with a `wait_s` is our own doing and costs no try."""

    verdict: Verdict
    code: str = ""
    detail: str = ""
    message_id: str | None = None
    wait_s: float | None = None
    scope: Scope = Scope.CHAT
    moved_to: str | None = None


@dataclass(frozen=True)
class Post:
    """One message for one chat. `key` stays the same however often the same words are said. `address` and `secret`
    are whole here and nowhere else: an adapter must let neither into an outcome, a log or an exception."""

    key: str
    text: str
    at: datetime
    address: str = field(repr=False)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_url: str | None = None


class Unit(StrEnum):
    """How a platform measures a text."""

    BYTES = "bytes"  # of UTF-8
    CODE_POINTS = "code points"


@dataclass(frozen=True)
class Size:
    """The longest text a platform takes, in its own unit."""

    most: int
    unit: Unit

    def measure(self, text: str) -> int:
        return len(text.encode()) if self.unit is Unit.BYTES else len(text)


class Channel(Protocol):
    """One platform.

    `hosts`: the platform's own hosts, where an address may be a URL. `account_secret`: names of the secrets an
    account must have. `url_addresses`: whether a group's address is a URL that holds its own credential.
    `keyed`: whether repeating a post with the same key cannot post twice, and for how many seconds.
    `limits`: the published limits, narrowest scope first.
    """

    platform: str
    hosts: tuple[str, ...]
    account_secret: tuple[str, ...]
    url_addresses: bool
    keyed: float | None
    limits: tuple[Limit, ...]
    size: Size

    def address_problem(self, address: str) -> str | None:
        """What is wrong with a group's address, as a sentence, or None."""
        ...

    async def post(self, post: Post, http: Http) -> Outcome:
        """Say it once. Never raises for anything the platform or the network does."""
        ...
