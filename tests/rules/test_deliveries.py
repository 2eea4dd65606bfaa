"""Patience with platforms: what is tried again, when, and what never is."""

from datetime import UTC, datetime, timedelta

from app.domain.deliveries.rules import MOST_RESENDS, Claimed, after_not_sent, after_silence, waits
from app.domain.deliveries.states import News

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _claimed(*, tries: int = 0, resends: int = 0) -> Claimed:
    return Claimed(
        id="dlv_1",
        fence=3,
        center_id="cen_1",
        campaign_id="cmp_1",
        kind="announcement",
        relay_id="rel_1",
        of_id=None,
        group_id="grp_1",
        leader_id=None,
        account_id="acc_1",
        chat="c",
        text_id="txt_1",
        tries=tries,
        resends=resends,
        created_at=T0,
        expires_at=T0 + timedelta(hours=1),
        lease_until=T0 + timedelta(seconds=25),
        begun_at=T0,
    )


def test_what_was_provably_not_sent_is_tried_after_one_five_and_fifteen_minutes() -> None:
    dues = [after_not_sent(_claimed(tries=tries), "no connection", T0).due_at for tries in range(3)]
    assert dues == [T0 + timedelta(minutes=minutes) for minutes in (1, 5, 15)]
    last = after_not_sent(_claimed(tries=3), "no connection", T0)
    assert (last.news, last.due_at) == (News.REFUSED, None)


def test_an_unknown_outcome_without_a_key_is_never_tried_again() -> None:
    assert after_silence(_claimed(), "cut", T0, keyed_s=None).news is News.LINE_LOST


def test_an_unknown_outcome_with_a_key_is_said_again_while_the_platform_remembers_it() -> None:
    again = after_silence(_claimed(resends=1), "cut", T0, keyed_s=3600)
    assert (again.news, again.due_at) == (News.SAY_AGAIN, T0 + timedelta(seconds=10))
    late = after_silence(_claimed(), "cut", T0 + timedelta(hours=2), keyed_s=3600)
    assert late.news is News.LINE_LOST
    worn = after_silence(_claimed(resends=MOST_RESENDS), "cut", T0, keyed_s=3600)
    assert worn.news is News.LINE_LOST


def test_waiting_costs_no_try() -> None:
    waiting = waits(_claimed(tries=3), "throttled", T0 + timedelta(seconds=9))
    assert (waiting.news, waiting.tried) == (News.NOT_SENT, False)
