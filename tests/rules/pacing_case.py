"""What a rig of the pacer is given, and what it tells afterwards."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from app.core.limits import Limit
from app.domain.pacing.rules import Waiting

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()
SEED = "sd"


@dataclass(frozen=True)
class Case:
    """What is to be said, under which limits, and what happens meanwhile. Shares are chances, times seconds."""

    limits: Sequence[Limit]
    posts: int
    chats: int
    seed: int
    campaigns: int = 1
    least_gap_s: float = 0.0
    most_gap_s: float = 0.0
    answers_s: tuple[float, float] = (0.0, 0.0)
    slow: float = 0.0
    throttled: float = 0.0
    lost_claims: float = 0.0
    forgetful: float = 0.0
    takeovers: int = 0
    clock_steps: bool = False
    busy_s: float = 0.0
    ahead_s: float = 0.0


class Row(NamedTuple):
    """A line of the ledger, as `recall` and `conclude` read it."""

    delivery_id: str
    fence: int
    chat: str
    started_at: datetime
    ended_at: datetime
    lease_until: datetime
    seed: str
    min_gap_s: float
    max_gap_s: float


@dataclass
class Post:
    """What became of one pick, in true time. `ended` is when its answer came, heard or not."""

    one: Waiting
    picked: float
    began: float = math.inf
    ended: float = math.inf


@dataclass
class Throttle:
    """A platform's wait, in true time, from the moment it was heard. `chat` is None for the whole account."""

    chat: str | None
    heard: float
    until: float
