"""The plan: routes, words, quiet hours, and groups that cannot be reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from app.domain.planning.rules import Brief, Planned, Problem, Size, Target, after_quiet, plan, unfilled
from app.flows.lanes import marked

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

BRIEF = Brief(
    campaign_id="cmp_1",
    title="Storm",
    seed="sd_1",
    texts={"": "Hello {group}, {leader} says hi"},
    variables={},
    route="auto",
    starts_at=T0,
    window=timedelta(0),
    relay_time=timedelta(minutes=30),
    quiet=True,
    zone=None,
    accounts={"acc_1": Size(4096, "code points", len), "acc_2": Size(20, "bytes", lambda text: len(text.encode()))},
    platforms=frozenset({"telegram", "wecom"}),
)
TARGET = Target(
    group_id="grp_1",
    name="G1",
    platform="telegram",
    address_key="k",
    account_id="acc_1",
    branch_id=None,
    branch="",
    members=None,
    timezone=None,
    language=None,
    routes=("bot", "leader"),
    leaders=("ldr_1",),
    leader_name="Wang",
)


def _one(brief: Brief = BRIEF, **target: Any) -> Planned:
    return next(plan(brief, [TARGET._replace(**target)]))


def test_the_first_route_that_has_what_it_needs_is_taken() -> None:
    assert _one().route == "bot"
    assert _one(routes=("leader", "bot")).route == "leader"
    assert _one(account_id=None).route == "leader"
    assert _one(routes=("leader", "bot"), leaders=()).route == "bot"


def test_a_group_nobody_can_reach_says_why() -> None:
    assert _one(routes=("leader",), leaders=()).problem is Problem.NO_LEADER
    assert _one(routes=("bot",), account_id="acc_9").problem is Problem.NO_ACCOUNT
    assert _one(routes=("bot",), platform="manual").problem is Problem.NO_ROUTE


def test_a_campaign_may_insist_on_one_route() -> None:
    assert _one(replace(BRIEF, route="leader")).route == "leader"
    assert _one(replace(BRIEF, route="leader"), routes=("bot",)).route == "leader"
    assert _one(replace(BRIEF, route="bot"), routes=("leader",)).route == "bot"
    assert _one(replace(BRIEF, route="bot"), platform="manual", routes=("leader",)).problem is Problem.NO_ROUTE


def test_the_text_is_filled_and_measured_in_the_platforms_own_unit() -> None:
    assert _one().text == "Hello G1, Wang says hi"
    whole = replace(BRIEF, texts={"": "七个汉字共二十一"}, split=False)
    long = _one(whole, platform="wecom", account_id="acc_2")
    assert (long.problem, long.measured) == (Problem.TOO_LONG, 24)
    leader = _one(replace(BRIEF, texts={"": "七个汉字共二十一"}), platform="wecom", routes=("leader",))
    assert leader.problem is None


def test_a_text_too_long_for_one_post_goes_out_in_parts_but_not_in_many() -> None:
    def sent(text: str) -> Planned:
        return _one(replace(BRIEF, texts={"": text}), platform="wecom", account_id="acc_2")

    assert sent("六个汉字十八").parts == ["六个汉字十八"]
    assert sent("今天停课，明天上课。请转告").parts == ["今天停课，", "明天上课。", "请转告"]
    assert sent("字" * 30).parts == ["字" * 6] * 5
    assert (sent("字" * 31).problem, sent("字" * 31).parts) == (Problem.TOO_LONG, [])
    assert [part.strip() for part in sent("六个汉字十八" + " " * 40 + "完").parts] == ["六个汉字十", "八", "完"]
    assert _one(routes=("leader",)).parts == []


@pytest.mark.parametrize(
    ("beside", "text", "parts", "pictured"),
    [
        (None, "六个汉字十八", ["六个汉字十八"], False),
        (0, "六个汉字十八", ["", "六个汉字十八"], True),
        (18, "六个汉字十八", ["六个汉字十八"], True),
        (17, "六个汉字十八", ["", "六个汉字十八"], True),
        (20, "字" * 30, ["字" * 6] * 5, True),
        (6, "字" * 30, ["", *["字" * 6] * 5], True),
    ],
)
def test_a_picture_goes_with_the_first_words_or_before_them(
    beside: int | None, text: str, parts: list[str], pictured: bool
) -> None:
    size = Size(20, "bytes", lambda words: len(words.encode()), beside_picture=beside)
    brief = replace(BRIEF, texts={"": text}, accounts={"acc_1": size}, picture=True)
    sent = _one(brief)
    assert (sent.parts, sent.pictured, sent.text) == (parts, pictured, text)
    assert _one(replace(brief, picture=False)).pictured is False
    assert _one(brief, routes=("leader",)).pictured is False


def test_the_first_words_call_everyone_and_stay_on_top_whatever_has_the_picture() -> None:
    alone = marked(["", "a", "b"], mention_all=True, markdown=True, pictured=True, pin=True)
    assert alone == [("", "picture"), ("a", "mention_all", "markdown", "pin"), ("b", "markdown")]
    assert marked(["a"], mention_all=True, pictured=True) == [("a", "mention_all", "picture")]
    assert marked(["a", "b"], mention_all=False) == [("a",), ("b",)]


def test_names_nobody_fills_stay_as_written_and_are_reported() -> None:
    assert _one(replace(BRIEF, texts={"": "{code} for {group}"})).text == "{code} for G1"
    assert unfilled({"": "{code} for {group}"}, {}) == ["code"]
    assert unfilled({"": "{code} for {group}"}, {"code": "x"}) == []


def test_a_group_without_a_zone_keeps_no_quiet_hours_and_an_incident_keeps_none() -> None:
    night = replace(BRIEF, starts_at=T0.replace(hour=23))
    assert not _one(night).held
    assert _one(night, timezone="Europe/London").held
    assert _one(replace(night, zone="Europe/London")).held
    assert not _one(replace(night, quiet=False), timezone="Europe/London").held


def test_the_relay_window_begins_when_the_quiet_hours_end() -> None:
    one = _one(replace(BRIEF, starts_at=T0.replace(hour=23)), timezone="Europe/London")
    assert one.starts_at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    assert one.deadline_at == one.starts_at + timedelta(minutes=30)


def test_a_window_spreads_the_posts_and_always_in_the_same_way() -> None:
    brief = replace(BRIEF, window=timedelta(minutes=60))
    targets = [TARGET._replace(group_id=f"grp_{number}") for number in range(200)]
    starts = [one.starts_at for one in plan(brief, targets)]
    assert starts == [one.starts_at for one in plan(brief, targets)]
    assert min(starts) >= T0
    assert max(starts) < T0 + timedelta(minutes=60)
    assert max(starts) - min(starts) > timedelta(minutes=50)


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("Asia/Shanghai", "2026-03-02T13:59:00", "2026-03-02T13:59:00"),  # 21:59
        ("Asia/Shanghai", "2026-03-02T14:00:00", "2026-03-03T00:00:00"),  # 22:00 to 08:00
        ("America/New_York", "2026-03-08T04:30:00", "2026-03-08T12:00:00"),  # the night that lasts nine hours
        ("America/New_York", "2026-11-01T04:30:00", "2026-11-01T13:00:00"),  # the night that lasts eleven
        ("Australia/Lord_Howe", "2026-04-04T12:00:00", "2026-04-04T21:30:00"),  # half an hour of change
    ],
)
def test_quiet_hours_follow_the_zones_own_clock(zone: str, at: str, expected: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert after_quiet(moment, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_in_no_zone_and_at_no_hour_is_a_quiet_moment_chosen() -> None:
    for zone in sorted(available_timezones()):
        for hours in range(0, 24 * 9, 5):
            at = datetime(2026, 3, 25, tzinfo=UTC) + timedelta(hours=hours)
            awake = after_quiet(at, zone)
            assert at <= awake <= at + timedelta(hours=12)
            assert 8 <= awake.astimezone(ZoneInfo(zone)).hour < 22


CUSTOMERS = replace(BRIEF, askers=frozenset({"acc_1", "acc_2"}))


def test_where_an_account_only_asks_it_is_the_owners_relay_and_no_post() -> None:
    one = _one(CUSTOMERS, owned=True)
    assert (one.route, one.asked_by, one.problem, one.parts, one.passed_over) == ("leader", "acc_1", None, [], None)
    by_link = _one(CUSTOMERS, owned=True, routes=("leader", "bot"))
    assert (by_link.route, by_link.asked_by, by_link.passed_over) == ("leader", None, None)
    long = _one(CUSTOMERS, owned=True, account_id="acc_2")
    assert (long.problem, long.measured, long.asked_by) == (Problem.TOO_LONG, 22, "acc_2")


@pytest.mark.parametrize(
    ("facts", "problem"),
    [({"owned": False}, Problem.NO_OWNER), ({"owned": True, "spent": True}, Problem.NO_QUOTA)],
)
def test_who_cannot_be_asked_by_his_platform_is_asked_by_link_or_not_at_all(
    facts: dict[str, bool], problem: Problem
) -> None:
    one = _one(CUSTOMERS, **facts)
    assert (one.route, one.asked_by, one.problem, one.passed_over) == ("leader", None, None, problem)
    alone = _one(CUSTOMERS, routes=("bot",), **facts)
    assert (alone.problem, alone.asked_by) == (problem, None)
    assert _one(**facts).route == "bot"
