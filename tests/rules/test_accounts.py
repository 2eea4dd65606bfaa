"""What an account's own limits may be, and what may be shown of a secret."""

import pytest

from app.channels.registry import channels, ways
from app.core.limits import Limit, Scope
from app.domain.accounts.rules import OwnLimit, hint, limit_problems, way

PUBLISHED = (Limit(Scope.CHAT, 1, 1), Limit(Scope.CHAT, 20, 60), Limit(Scope.ACCOUNT, 30, 1))


@pytest.mark.parametrize(
    ("own", "allowed"),
    [
        (OwnLimit(Scope.CHAT, 20, 60), True),
        (OwnLimit(Scope.CHAT, 21, 60), False),
        (OwnLimit(Scope.CHAT, 40, 120), True),
        (OwnLimit(Scope.CHAT, 41, 120), False),
        (OwnLimit(Scope.CHAT, 5, 5), True),
        (OwnLimit(Scope.CHAT, 6, 5), False),  # one a second says no before twenty a minute does
        (OwnLimit(Scope.ACCOUNT, 30, 0.5), True),
        (OwnLimit(Scope.ACCOUNT, 31, 0.5), False),
        (OwnLimit(Scope.ACCOUNT, 1000, 1, higher_quota=True), True),
        (OwnLimit(Scope.ACCOUNT, 1000, 2, higher_quota=True), False),  # takes the place of no published window
        (OwnLimit(Scope.PLATFORM, 10**6, 1), True),  # nothing is published for this scope
    ],
)
def test_own_limits_only_lower_the_published_ones(own: OwnLimit, *, allowed: bool) -> None:
    problems = limit_problems(PUBLISHED, [OwnLimit(Scope.CHAT, 1, 60), own])
    assert [problem.pointer for problem in problems] == ([] if allowed else ["/limits/1/count"])


def test_a_hint_shows_four_characters_of_a_long_secret_and_none_of_a_short_one() -> None:
    assert hint({"bot_token": "0123456789abcdef"}) == "…cdef"
    assert hint({"bot_token": "12345678"}) == "…"
    assert hint({"id": "short", "key": "0123456789abcdef"}) == "id …, key …cdef"


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ((), "wecom"),
        (("corp_id", "corp_secret", "agent_id"), "wecom_app"),
        (("corp_id", "corp_secret", "callback_token", "agent_id"), "wecom_app"),
        (("corp_id", "corp_secret"), "wecom_customers"),
    ],
)
def test_the_secrets_say_which_way_into_a_platform_is_meant(names: tuple[str, ...], name: str) -> None:
    known = ways(channels(), "wecom")
    assert way(known, dict.fromkeys(names, "x")).name == name
