"""The tables of moves, read as promises."""

from enum import StrEnum

import pytest

from app.core.moves import Moves
from app.domain.campaigns import states as campaigns
from app.domain.deliveries import states as deliveries
from app.domain.invitations import states as invitations
from app.domain.recalls import states as recalls
from app.domain.relays import states as relays
from app.domain.tasks import states as tasks

TABLES = [relays.MOVES, deliveries.MOVES, campaigns.MOVES, recalls.MOVES, invitations.MOVES, tasks.MOVES]


@pytest.mark.parametrize("moves", TABLES)
def test_every_news_in_the_table_leads_somewhere_and_every_word_of_news_is_used(moves: Moves) -> None:  # type: ignore[type-arg]
    news_kind = type(next(iter(moves.table))[1])
    assert {news for _, news in moves.table} == set(news_kind)
    for state, news in moves.table:
        assert moves.allowed(state, news)
        assert state in moves.before(news)
        assert moves.after(news) != state


def test_news_with_two_ends_is_refused() -> None:
    class State(StrEnum):
        A = "a"
        B = "b"
        C = "c"

    class News(StrEnum):
        N = "n"

    with pytest.raises(ValueError, match="two states"):
        Moves({(State.A, News.N): State.B, (State.B, News.N): State.C})


def test_an_uncertain_delivery_is_never_said_again_without_proof() -> None:
    out = {news for state, news in deliveries.MOVES.table if state is deliveries.State.UNCERTAIN}
    assert out == {deliveries.News.FOUND_SENT, deliveries.News.FOUND_NOT_SENT}


def test_what_is_being_sent_cannot_be_called_off_or_expire() -> None:
    for news in (deliveries.News.CALLED_OFF, deliveries.News.OUTDATED):
        assert deliveries.MOVES.before(news) == (deliveries.State.DUE,)


def test_ended_deliveries_never_move_again_but_for_a_retry_of_what_never_left() -> None:
    ended = set(deliveries.State) - set(deliveries.OPEN)
    again = {(state, deliveries.News.RETRIED) for state in (deliveries.State.FAILED, deliveries.State.EXPIRED)}
    assert {pair for pair in deliveries.MOVES.table if pair[0] in ended} == again


def test_a_relayed_relay_never_moves_again() -> None:
    final = {relays.State.RELAYED, relays.State.SKIPPED}
    assert not [pair for pair in relays.MOVES.table if pair[0] in final]


def test_what_was_called_off_comes_back_only_because_it_may_stand() -> None:
    out = {news for state, news in relays.MOVES.table if state is relays.State.CANCELLED}
    assert out == {relays.News.LINE_LOST, relays.News.VERIFIED}


def test_a_late_confirmation_is_kept_and_an_uncertain_post_is_never_missed() -> None:
    assert relays.MOVES.allowed(relays.State.MISSED, relays.News.CONFIRMED)
    assert not relays.MOVES.allowed(relays.State.UNCERTAIN, relays.News.OVERDUE)
    assert not relays.MOVES.allowed(relays.State.POSTING, relays.News.OVERDUE)


def test_every_open_relay_has_a_way_to_an_end() -> None:
    for state in relays.OPEN:
        reached, edge = {state}, {state}
        while edge:
            edge = {end for (at, _), end in relays.MOVES.table.items() if at in edge} - reached
            reached |= edge
        assert relays.State.RELAYED in reached


def test_a_cancelled_campaign_stays_cancelled() -> None:
    assert not [pair for pair in campaigns.MOVES.table if pair[0] is campaigns.State.CANCELLED]


def test_only_a_human_has_an_owner_asked_again_of_whom_nobody_knows_whether_he_was() -> None:
    again = [pair for pair, end in tasks.MOVES.table.items() if end is tasks.State.ASKING]
    assert again == [(tasks.State.UNKNOWN, tasks.News.ASKED_AGAIN)]
    out = {news for state, news in tasks.MOVES.table if state is tasks.State.UNKNOWN}
    assert out == {tasks.News.GIVEN, tasks.News.ASKED_AGAIN, tasks.News.OVER}


def test_a_task_ends_only_after_one_more_look_at_what_was_withdrawn() -> None:
    assert not tasks.MOVES.allowed(tasks.State.WITHDRAWING, tasks.News.OVER)
    assert {tasks.State.WITHDRAWN, tasks.State.KEPT} <= set(tasks.LOOKED_AT)
    assert not [pair for pair in tasks.MOVES.table if pair[0] is tasks.State.ENDED]


def test_whoever_was_only_asked_is_never_relayed_without_a_word() -> None:
    to_relayed = {news for (state, news), end in relays.MOVES.table.items() if end is relays.State.RELAYED}
    words = {relays.News.CONFIRMED, relays.News.POSTED, relays.News.VERIFIED}
    assert to_relayed == words
    assert not relays.MOVES.allowed(relays.State.RELAYED, relays.News.VERIFIED)
