"""When a platform is asked again about a task, and how often its owner is reminded by it."""

from datetime import timedelta

import pytest

from app.domain.tasks.rules import look_again, may_remind, said_at
from tests.conftest import T0

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("age", "wait"),
    [(0 * MINUTE, 30 * SECOND), (5 * MINUTE, 30 * SECOND), (20 * MINUTE, 2 * MINUTE), (5 * HOUR, 10 * MINUTE)],
)
def test_a_task_is_looked_at_the_more_seldom_the_older_it_is(age: timedelta, wait: timedelta) -> None:
    assert look_again(T0, T0 + age) == T0 + age + wait


def test_it_is_looked_at_before_anything_is_done_because_he_has_not_sent_it() -> None:
    now = T0 + 5 * HOUR
    steps = {now + 4 * MINUTE, now + 7 * MINUTE, now - MINUTE, now + 10 * SECOND}
    assert look_again(T0, now, before=steps) == now + 4 * MINUTE - 15 * SECOND
    assert look_again(T0, now, before={now + HOUR}) == now + 10 * MINUTE


def test_three_reminders_in_any_24_hours_are_heard() -> None:
    at = [T0, T0 + HOUR, T0 + 2 * HOUR]
    assert may_remind(at[:2], at[2])
    assert not may_remind(at, T0 + 24 * HOUR - SECOND)
    assert may_remind(at, T0 + 24 * HOUR)


def test_a_platform_is_believed_when_it_was_sent_unless_that_cannot_be() -> None:
    now = T0 + HOUR
    assert said_at(T0 + MINUTE, asked_at=T0, now=now) == T0 + MINUTE
    assert [said_at(told, asked_at=T0, now=now) for told in (None, T0 - SECOND, now + SECOND)] == [now] * 3
