"""What a draft says, and how two requests are told to be the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.ids import share
from app.core.markdown import Format
from app.domain.campaigns.states import Cascade, Mode, Priority, Proof, RouteChoice

MIN_GAP_S = 2.0
MAX_GAP_S = 8.0


@dataclass(frozen=True)
class Audience:
    """Branch ids (whole subtrees), tags and group ids, united; without any of them, every active group.
    `exclude` takes group ids away."""

    branches: Sequence[str] = ()
    tags: Sequence[str] = ()
    groups: Sequence[str] = ()
    exclude: Sequence[str] = ()


@dataclass(frozen=True)
class Draft:
    """A campaign as it was asked for, its script already turned into texts."""

    title: str
    texts: Mapping[str, str]
    variables: Mapping[str, str]
    script_slug: str | None
    script_version: int | None
    audience: Audience
    route: RouteChoice
    priority: Priority
    send_at: datetime | None
    window_minutes: float
    relay_minutes: float
    min_gap_s: float
    max_gap_s: float
    escalation: Sequence[Mapping[str, object]]
    drill: bool
    proof_percent: int = 0
    proof: Proof = Proof.WORDS
    cascade: Cascade = Cascade.AT_ONCE
    quorum: Sequence[Mapping[str, object]] = ()
    needs_approval: bool = False
    picture_id: str | None = None
    corrects_id: str | None = None
    mode: Mode | None = None
    mention_all: bool = False
    pin: bool = False
    split: bool = True
    format: Format | None = None
    """None: as its script says, or plain."""


_CONTENT = (
    *("title", "texts", "variables", "script_slug", "script_version", "audience", "route", "priority", "send_at"),
    *("window_minutes", "relay_minutes", "min_gap_s", "max_gap_s", "escalation", "drill", "proof_percent"),
    *("corrects_id", "mode", "mention_all", "split", "format", "proof", "cascade", "quorum", "picture_id", "pin"),
)


def seal(campaign: object) -> str:
    """The fingerprint of everything that a campaign would do: what a second person agrees to."""
    return fingerprint({name: getattr(campaign, name) for name in _CONTENT})


def asks_proof(seed: str, relay_id: str, percent: int) -> bool:
    """Whether this relay is of the share that a leader's word alone does not settle: chance, but the same one for
    everybody who asks."""
    return share(seed, "proof", relay_id) * 100 < percent


def fingerprint(body: Mapping[str, object]) -> str:
    """The same for two bodies that mean the same, whatever the order of their fields."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()
