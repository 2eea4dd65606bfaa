"""How events are known again, what of them is kept, and how long they wait; and that both sides speak of the same."""

from datetime import timedelta

import pytest

from app.channels.inbound import Matter as Told
from app.domain.inbox.rules import PATIENCE, TEXT_MOST, event_key, kept, look_again
from app.domain.inbox.states import Matter
from tests.conftest import T0


def test_channels_and_the_inbox_know_the_same_matters() -> None:
    assert [matter.value for matter in Told] == [matter.value for matter in Matter]


def test_an_event_is_known_by_its_own_id_else_by_its_request() -> None:
    assert event_key("Ev1", b"anything", 0) == "Ev1"
    assert event_key("", b"a", 0) == event_key("", b"a", 0)
    unlike = {event_key("", b"a", 0), event_key("", b"a", 1), event_key("", b"b", 0), event_key("x" * 201, b"c", 0)}
    assert len(unlike) == 4
    assert event_key("nul \0", b"a", 0).isprintable()


@pytest.mark.parametrize(
    ("text", "left"), [("收到\n👍", "收到\n👍"), ("a\0b\x07c", "abc"), ("half \ud83d", "half "), ("x" * 900, "x" * 500)]
)
def test_what_is_kept_of_a_text_can_be_stored(text: str, left: str) -> None:
    assert kept(text, TEXT_MOST) == left


def test_the_longer_it_waited_the_later_it_is_looked_at_again() -> None:
    now, looks = T0, 0
    while (again := look_again(T0, now)) is not None:
        assert timedelta(seconds=1) <= again - now <= timedelta(minutes=5)
        now, looks = again, looks + 1
    assert now - T0 >= PATIENCE
    assert looks < 25
