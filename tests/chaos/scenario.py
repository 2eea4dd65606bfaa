"""What is to happen in a fault run, as values: campaigns, and events at seconds from its start."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.cast import Cast

PROCESS = (
    "worker_kill",
    "worker_term",
    "worker_stop",
    "api_kill",
    "redis_flush",
    "redis_kill",
    "postgres_crash",
    "postgres_cut",
    "postgres_cut_in_commit",
    "postgres_stall",
)
PLATFORM = ("platform", "credential", "kicked", "moved")
HEAD = ("launch", "quiet", "pause", "cancel", "kill_switch", "twins", "press_twice")

_TEXT = re.compile(r"^Chaos (c\d+): please read this, (\w+)\.$")
_LETTER = re.compile(r"[“「]Chaos (c\d+)[”」]")
_NUDGE = re.compile(r"a reminder:|提醒一下")


@dataclass(frozen=True)
class Campaign:
    """One campaign of a run, by its name in titles and texts. `tag` narrows its audience; `reminders` are the percents
    at which its policy reminds."""

    name: str
    tag: str | None = None
    min_gap_s: float = 0.0
    max_gap_s: float = 0.0
    relay_minutes: float = 30.0
    reminders: Sequence[int] = ()
    priority: str = "normal"

    def body(self) -> dict[str, object]:
        """What is posted to /campaigns."""
        return {
            "title": f"Chaos {self.name}",
            "body": f"Chaos {self.name}: please read this, {{group}}.",
            "audience": {"tags": [self.tag] if self.tag else []},
            "relay_minutes": self.relay_minutes,
            "pacing": {"min_gap_s": self.min_gap_s, "max_gap_s": self.max_gap_s},
            "escalation": {"steps": [{"at_percent": each, "action": "remind"} for each in self.reminders]},
            "priority": self.priority,
        }


@dataclass(frozen=True)
class Event:
    """Something at second `at`. `pick` in [0, 1) chooses among what is there, `lasts` is how long, `what` the rest."""

    at: float
    kind: str
    pick: float = 0.0
    lasts: float = 0.0
    campaign: str = ""
    what: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """`patience_s` bounds the wait, after the last event, for everything to come to rest; `linger_s` that for what is
    leased, or only due later."""

    seed: int
    cast: Cast
    campaigns: Sequence[Campaign]
    events: Sequence[Event]
    workers: int = 2
    patience_s: float = 100.0
    linger_s: float = 100.0
    settle: bool = True
    """Whether the head settles what is uncertain at the end, as the platform shows it."""


def announcement(text: str) -> tuple[str, str] | None:
    """(campaign, group) of an announcement's text."""
    found = _TEXT.match(text)
    return (found[1], found[2]) if found else None


def letter(text: str) -> tuple[str, str] | None:
    """(campaign, kind) of a letter to a leader."""
    found = _LETTER.search(text)
    return (found[1], "nudge" if _NUDGE.search(text) else "hand_off") if found else None
