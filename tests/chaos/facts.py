"""What the checker is given: plain values, from the ledger, from the platform and from the rig's own notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.simulator.receipts import Receipt

FOREVER = float("inf")


@dataclass(frozen=True)
class Ordered:
    """A campaign as the head ordered it. `launched` are the monotonic seconds between which it was launched, `ids`
    every id that was answered for its key, `reminders` how often its policy reminds, `gap_s` the longest pause between
    two posts of one account."""

    name: str
    id: str
    audience: frozenset[str]
    launched: tuple[float, float]
    relay_s: float
    reminders: int = 0
    cancelled: bool = False
    ids: frozenset[str] = frozenset()
    gap_s: float = 0.0


@dataclass(frozen=True)
class Stop:
    """Nothing of this campaign (None: of any) may leave between these monotonic seconds. It was ordered at `asked`, and
    its end was known to be heard of at `released`: between these it may be that nothing leaves."""

    campaign: str | None
    since: float
    until: float
    asked: float | None = None
    released: float | None = None


@dataclass(frozen=True)
class Strike:
    """A fault of a process or server, or an account's secret that is refused, from when to when. `worker` is who the
    process was to the house: empty before it began to work, None where nobody knows."""

    kind: str
    since: float
    until: float
    of: str = ""
    worker: str | None = None


@dataclass(frozen=True)
class Look:
    """Who held which shards at this monotonic second."""

    at: float
    holders: Mapping[int, str]


@dataclass(frozen=True)
class CampaignRow:
    id: str
    title: str
    state: str


@dataclass(frozen=True)
class RelayRow:
    id: str
    campaign_id: str
    group: str
    state: str
    route: str | None
    via: str | None
    leader: str | None
    reason: str


@dataclass(frozen=True)
class DeliveryRow:
    id: str
    campaign_id: str
    kind: str
    relay_id: str | None
    group: str | None
    leader: str | None
    account_id: str
    chat: str
    state: str
    reason: str
    due_at: datetime
    lease_until: datetime | None = None
    resends: int = 0


@dataclass(frozen=True)
class JournalRow:
    seq: int
    subject: str
    subject_id: str
    was: str | None
    became: str
    at: datetime


@dataclass(frozen=True)
class AttemptRow:
    delivery_id: str
    code: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class GateRow:
    """A closed gate; one without `until` is closed until somebody opens it."""

    subject: str
    until: datetime | None


@dataclass(frozen=True)
class Ledger:
    """`now` is the moment it was read, by the machine's clock; `shards`: where each account with lanes is paced, beside
    those it shares limits with."""

    now: datetime
    shards: Mapping[str, int] = field(default_factory=dict)
    campaigns: Sequence[CampaignRow] = ()
    relays: Sequence[RelayRow] = ()
    deliveries: Sequence[DeliveryRow] = ()
    journal: Sequence[JournalRow] = ()
    attempts: Sequence[AttemptRow] = ()
    gates: Sequence[GateRow] = ()


@dataclass(frozen=True)
class Leader:
    """A leader as the practice platform plays him: where he reads, what he does, and how often he pressed."""

    name: str
    platform: str
    target: str
    persona: str
    presses: int


@dataclass(frozen=True)
class Facts:
    """One run. `surfaced` are the ids of relays on missed lists and of deliveries the API lists as uncertain; `epoch`
    is what to add to monotonic seconds to get seconds since 1970; `broken` tells of answers no client may get."""

    ledger: Ledger
    receipts: Sequence[Receipt]
    orders: Sequence[Ordered]
    stops: Sequence[Stop] = ()
    strikes: Sequence[Strike] = ()
    looks: Sequence[Look] = ()
    leaders: Sequence[Leader] = ()
    surfaced: frozenset[str] = frozenset()
    epoch: float = 0.0
    broken: Sequence[str] = field(default_factory=tuple)
