"""The policy's steps in time."""

from datetime import UTC, datetime, timedelta

from app.domain.escalation.rules import DEFAULT, MOST_STEPS, Action, Step, due_at, read, stamp

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
END = T0 + timedelta(minutes=100)


def test_the_default_reminds_once_at_half_time() -> None:
    assert due_at(DEFAULT, 0, starts_at=T0, deadline_at=END) == T0 + timedelta(minutes=50)
    assert due_at(DEFAULT, 1, starts_at=T0, deadline_at=END) is None


def test_steps_are_taken_in_order_of_time_and_survive_being_stamped() -> None:
    steps = [Step(85, Action.REMIND), Step(50, Action.REMIND)]
    assert [step.at_percent for step in read(stamp(steps))] == [50, 85]


def test_a_policy_is_bounded() -> None:
    steps = tuple(Step(percent, Action.REMIND) for percent in range(1, 30))
    assert due_at(steps, MOST_STEPS - 1, starts_at=T0, deadline_at=END) is not None
    assert due_at(steps, MOST_STEPS, starts_at=T0, deadline_at=END) is None
