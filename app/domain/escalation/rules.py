"""Which step the policy takes next for an open hand-off, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_STEPS = 10
NUDGES_A_DAY = 3


class Action(StrEnum):
    REMIND = "remind"


@dataclass(frozen=True)
class Step:
    """Do this when `at_percent` of the relay window has passed (1 to 99)."""

    at_percent: int
    action: Action


DEFAULT = (Step(50, Action.REMIND),)


def read(policy: Sequence[Mapping[str, object]]) -> tuple[Step, ...]:
    """The stamped policy of a campaign, in order of time."""
    steps = [Step(int(str(step["at_percent"])), Action(str(step["action"]))) for step in policy]
    return tuple(sorted(steps, key=lambda step: step.at_percent))


def stamp(steps: Sequence[Step]) -> list[dict[str, object]]:
    return [{"at_percent": step.at_percent, "action": step.action.value} for step in steps]


def due_at(steps: Sequence[Step], taken: int, *, starts_at: datetime, deadline_at: datetime) -> datetime | None:
    """When the step after `taken` steps is due; None when the policy has nothing left to do."""
    if taken >= min(len(steps), MOST_STEPS):
        return None
    return starts_at + (deadline_at - starts_at) * (steps[taken].at_percent / 100)
