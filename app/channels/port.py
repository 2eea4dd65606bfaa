"""The port every platform adapter fits: a post goes in, one of a closed set of outcomes comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from app.core.http import Http
from app.core.limits import Limit, Scope
from app.core.markdown import Dialect


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
    for_good: bool = False
    """Of a chat that is gone: whether its address is never to be called again."""
    left_out: frozenset[str] = frozenset()
    """Of the `chats` of a post, those that it is not for."""


@dataclass(frozen=True)
class Picture:
    """A whole PNG or JPEG picture of two megabytes at most. `id` stands for its bytes."""

    id: str
    media_type: str
    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Given:
    """What a platform gave ahead, so that the words are all there is left to send: a token it lent (`new`: just now),
    what it calls the picture, the id of the chat that an address means."""

    token: str = field(default="", repr=False)
    new: bool = False
    picture: str = field(default="", repr=False)
    chat: str = field(default="", repr=False)


NOTHING = Given()


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
    mention_all: bool = False
    """Whether everyone in the chat is to be called. Unless it is set, no word of the text may call anyone."""
    marked: str | None = None
    """The text with markup, in the dialect of the channel; None where it has none. Of it, too, no word may call."""
    picture: Picture | None = None
    """What goes out with the words, or, where there are none, alone; only where the channel takes it."""
    chats: tuple[str, ...] = ()
    """Where a member is to send it himself: into which chats. `address` is his then."""
    given: Given = NOTHING


@dataclass(frozen=True)
class Posted:
    """One message that stands in a chat, to be taken back."""

    message_id: str
    at: datetime
    address: str = field(repr=False)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_url: str | None = None
    given: Given = NOTHING


@dataclass(frozen=True)
class Credential:
    """An account's opened secret, to be asked after."""

    at: datetime
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_url: str | None = None
    given: Given = NOTHING


@dataclass(frozen=True)
class Checked:
    """What a platform says of a credential. `works` is None where no answer came that would tell; `detail` is a
    sentence without any secret."""

    works: bool | None
    code: str
    detail: str


class Unit(StrEnum):
    """How a platform measures a text."""

    BYTES = "bytes"  # of UTF-8
    CODE_POINTS = "code points"


@dataclass(frozen=True)
class Size:
    """The longest text a platform takes, in its own unit. A text is measured as it is `sent`."""

    most: int
    unit: Unit
    sent: Callable[[str], str] = str

    def measure(self, text: str) -> int:
        sent = self.sent(text)
        return len(sent.encode()) if self.unit is Unit.BYTES else len(sent)


class Channel(Protocol):
    """One way into one platform.

    `name`: the platform's own name; a second way in (a bot with a token beside a webhook) has one that begins with
    it, like `slack_app`, and an account's secrets decide which way it goes. `hosts`: the platform's own hosts, where
    an address may be a URL. `account_secret`: names of the secrets an account must have. `url_addresses`: whether a
    group's address is a URL that holds its own credential. `keyed`: whether repeating a post with the same key cannot
    post twice, and for how many seconds. `limits`: the published limits, narrowest scope first.
    """

    name: str
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


@runtime_checkable
class MakesReady(Protocol):
    """A channel that has to ask its platform for something before it can speak. Nobody sees any of that; a stop that
    comes meanwhile is asked about before the words leave, so none of it may be left for later."""

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        """What this post, or whatever is done about it, will find in `given`; an Outcome where the platform gave
        nothing, and nothing was said. Never raises."""
        ...


@runtime_checkable
class Marks(Protocol):
    """A channel that shows markup. `marked_size` measures a text that is written in its dialect already."""

    dialect: Dialect
    marked_size: Size


@runtime_checkable
class CallsEveryone(Protocol):
    """A channel that can call everyone in a chat."""

    calls_everyone: Literal[True]


@runtime_checkable
class Pictures(Protocol):
    """A channel that posts a picture, with at most so much text beside it in the same post, in the unit of its size;
    with 0 a picture stands alone."""

    beside_picture: int


@runtime_checkable
class Recalls(Protocol):
    """A channel that can take back what it posted, for `recall_within` seconds, or, with None, at any age. Taking
    back twice is as good as once: a recall without an answer may be repeated."""

    recall_within: float | None

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        """SENT: the message does not stand any more, by this call or an earlier one. Otherwise as for a post, where
        CONTENT_REFUSED means that the platform will never take this message back. Never raises."""
        ...


@runtime_checkable
class Pins(Protocol):
    """A channel that can keep on top of a chat what it posted there. Twice is as good as once."""

    async def pin(self, posted: Posted, http: Http) -> Outcome:
        """SENT: the message is pinned, by this call or an earlier one. Otherwise as for a post; whatever is refused is
        the pinning alone. Never raises."""
        ...


@runtime_checkable
class Edits(Protocol):
    """A channel that can put other words in the place of those it posted, for `edit_within` seconds, or, with None, at
    any age. The same edit twice is as good as once."""

    edit_within: float | None

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        """SENT: the message has these words now. Otherwise as for a post, where CONTENT_REFUSED means that this message
        will never have them. Never raises."""
        ...


@dataclass(frozen=True)
class Sought:
    """A post of which nobody knows whether it stands: the key it was said with, and not before when."""

    key: str
    since: datetime
    at: datetime
    address: str = field(repr=False)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_url: str | None = None


@runtime_checkable
class ReadsBack(Protocol):
    """A channel whose posts carry their key where nobody sees it, and that lists what stands in a chat."""

    async def found(self, sought: Sought, http: Http) -> str | Outcome | None:
        """The platform's number of the message that carries this key; None where the chat lists none, which is no
        proof; an Outcome where it could not be asked, CONTENT_REFUSED or TARGET_GONE where it never can be. Never
        raises."""
        ...


@runtime_checkable
class Checks(Protocol):
    """A channel that can ask after a credential without posting anything."""

    async def check(self, credential: Credential, http: Http) -> Checked:
        """Never raises."""
        ...
