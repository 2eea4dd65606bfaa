"""Which step the policy takes next for a relay that waits for a person, and when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_STEPS = 10
MOST_TIMES = 5
NUDGES_A_DAY = 3
QUARTER = timedelta(minutes=15)
"""Within it, no two campaigns write to one leader: what both would tell him is one message."""
LATEST_PERCENT = 1_000


class Action(StrEnum):
    REMIND = "remind"  # whoever has it hears of it again
    DEPUTY = "deputy"  # the next in line gets it: the group's deputies by rank, then its branch's people
    BRANCH_LEADER = "branch_leader"  # the first of the branch's people, or of a branch above, who has not had it
    HEAD = "head"  # the head of the center
    BOT = "bot"  # an account posts it, where the group has a bot route; only once the deadline has passed


PASSING = frozenset({Action.DEPUTY, Action.BRANCH_LEADER, Action.HEAD, Action.BOT})
"""Steps that give the relay to somebody else."""

BEYOND_LEADERS = frozenset({"text_wrong", "group_dissolved"})
"""Reasons that no other leader can mend: these go to the head."""


@dataclass(frozen=True)
class Step:
    """Do this when `at_percent` of the relay window has passed; more than 100 lies past the deadline."""

    at_percent: int
    action: Action


@dataclass(frozen=True)
class Series:
    """A step as it is asked for: taken `times` times, `every_percent` of the window apart."""

    at_percent: int
    action: Action
    times: int = 1
    every_percent: int = 0


DEFAULT = (
    Step(50, Action.REMIND),
    Step(85, Action.REMIND),
    Step(100, Action.DEPUTY),
    Step(125, Action.HEAD),
)
INCIDENT = (
    Step(25, Action.REMIND),
    Step(50, Action.DEPUTY),
    Step(75, Action.BRANCH_LEADER),
    Step(100, Action.HEAD),
)
"""Where nothing else was asked for: an incident does not wait for the deadline."""


def spelled_out(series: Sequence[Series]) -> tuple[Step, ...]:
    """Every single step of these, in order of time."""
    return tuple(sorted(_each(series), key=lambda step: step.at_percent))


def _each(series: Sequence[Series]) -> Iterator[Step]:
    for one in series:
        for turn in range(one.times):
            yield Step(one.at_percent + turn * one.every_percent, one.action)


def problem(series: Sequence[Series]) -> tuple[int, str] | None:
    """Which step cannot be, by its place, and why."""
    for place, one in enumerate(series):
        last = one.at_percent + (one.times - 1) * one.every_percent
        if one.times > 1 and one.every_percent < 1:
            return place, "A step that is taken several times needs every_percent of at least 1."
        if last > LATEST_PERCENT:
            return place, f"The last turn of this step would be at {last} percent; {LATEST_PERCENT} is the latest."
        if one.action is Action.BOT and one.at_percent < 100:
            return place, "A bot posts as the last resort only: at 100 percent or later, when the deadline has passed."
    return None


def read(policy: Sequence[Mapping[str, object]]) -> tuple[Step, ...]:
    """The stamped policy of a campaign, in order of time."""
    steps = [Step(int(str(step["at_percent"])), Action(str(step["action"]))) for step in policy]
    return tuple(sorted(steps, key=lambda step: step.at_percent))


def stamp(steps: Sequence[Step]) -> list[dict[str, object]]:
    return [{"at_percent": step.at_percent, "action": step.action.value} for step in steps]


def due_at(steps: Sequence[Step], taken: int, *, starts_at: datetime, deadline_at: datetime) -> datetime | None:
    """When the step after `taken` steps is due; None when the policy has nothing left to do."""
    if taken >= min(len(steps), MOST_STEPS * MOST_TIMES):
        return None
    return starts_at + (deadline_at - starts_at) * (steps[taken].at_percent / 100)


def on_declined(steps: Sequence[Step], reason: str) -> tuple[Action, ...]:
    """What a "cannot" calls for at once, without waiting for a step and without using one up: the next in line and
    then the head, or only the head where no other leader could do better. Nothing the policy would never do."""
    actions = {step.action for step in steps}
    head = (Action.HEAD,) if Action.HEAD in actions else ()
    if reason in BEYOND_LEADERS:
        return head
    return (Action.DEPUTY, *head) if actions & {Action.DEPUTY, Action.BRANCH_LEADER} else head


def next_passing(steps: Sequence[Step], taken: int) -> int | None:
    """The place of the next step that gives the relay to somebody else: what is left for one that was declined."""
    return next((place for place in range(taken, len(steps)) if steps[place].action in PASSING), None)


def next_in_time(
    steps: Sequence[Step],
    taken: int,
    *,
    starts_at: datetime,
    deadline_at: datetime,
    now: datetime,
    past: Collection[Action] = tuple(Action),
) -> int:
    """The place of the next step for whoever was given it just now: what of `past` was due before is left out."""
    place = taken
    while (at := due_at(steps, place, starts_at=starts_at, deadline_at=deadline_at)) is not None:
        if at > now or steps[place].action not in past:
            break
        place += 1
    return place


def halfway(asked_at: datetime | None, due: datetime | None, now: datetime) -> bool:
    """Whether a reminder may come before its time, along with another: not before half of the wait for it is over."""
    return asked_at is not None and due is not None and now - asked_at >= due - now


def patience(*, starts_at: datetime, deadline_at: datetime) -> timedelta:
    """How long whoever is asked late has for it: as long as the first had."""
    return max(deadline_at - starts_at, timedelta(minutes=1))
