"""The policy's steps in time."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.escalation.rules import (
    DEFAULT,
    MOST_STEPS,
    MOST_TIMES,
    Action,
    Series,
    Step,
    due_at,
    next_passing,
    on_declined,
    problem,
    read,
    spelled_out,
    stamp,
)

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
END = T0 + timedelta(minutes=100)


def test_the_default_reminds_twice_then_asks_a_deputy_and_then_the_head() -> None:
    times = [due_at(DEFAULT, taken, starts_at=T0, deadline_at=END) for taken in range(5)]
    assert times == [*(T0 + timedelta(minutes=minutes) for minutes in (50, 85, 100, 125)), None]
    assert [step.action for step in DEFAULT] == [Action.REMIND, Action.REMIND, Action.DEPUTY, Action.HEAD]


def test_steps_are_taken_in_order_of_time_and_survive_being_stamped() -> None:
    steps = [Step(85, Action.REMIND), Step(50, Action.REMIND)]
    assert [step.at_percent for step in read(stamp(steps))] == [50, 85]


def test_a_policy_is_bounded() -> None:
    steps = tuple(Step(percent, Action.REMIND) for percent in range(1, 100))
    most = MOST_STEPS * MOST_TIMES
    assert due_at(steps, most - 1, starts_at=T0, deadline_at=END) is not None
    assert due_at(steps, most, starts_at=T0, deadline_at=END) is None


def test_a_step_may_be_taken_several_times() -> None:
    series = [Series(100, Action.DEPUTY), Series(40, Action.REMIND, times=3, every_percent=20)]
    assert [(step.at_percent, step.action.value) for step in spelled_out(series)] == [
        (40, "remind"),
        (60, "remind"),
        (80, "remind"),
        (100, "deputy"),
    ]


@pytest.mark.parametrize(
    ("series", "word"),
    [
        (Series(50, Action.REMIND, times=2), "every_percent"),
        (Series(900, Action.REMIND, times=5, every_percent=50), "latest"),
        (Series(99, Action.BOT), "deadline"),
    ],
)
def test_what_cannot_be_is_named_by_its_place(series: Series, word: str) -> None:
    found = problem([Series(50, Action.REMIND), series])
    assert found is not None
    assert found[0] == 1
    assert word in found[1]
    assert problem([Series(100, Action.BOT)]) is None


@pytest.mark.parametrize(
    ("actions", "reason", "next_ones"),
    [
        ((Action.REMIND,), "travelling", ()),
        ((Action.DEPUTY, Action.HEAD), "travelling", (Action.DEPUTY, Action.HEAD)),
        ((Action.BRANCH_LEADER,), "not_in_group", (Action.DEPUTY,)),
        ((Action.DEPUTY, Action.HEAD), "text_wrong", (Action.HEAD,)),
        ((Action.DEPUTY,), "group_dissolved", ()),
        ((Action.BOT,), "travelling", ()),
    ],
)
def test_a_no_goes_to_whom_the_policy_would_ask_in_the_end(
    actions: tuple[Action, ...], reason: str, next_ones: tuple[Action, ...]
) -> None:
    assert on_declined([Step(100, action) for action in actions], reason) == next_ones


def test_what_was_declined_waits_for_the_next_step_that_gives_it_to_somebody() -> None:
    assert next_passing(DEFAULT, 0) == 2
    assert next_passing(DEFAULT, 3) == 3
    assert next_passing(DEFAULT, 4) is None
