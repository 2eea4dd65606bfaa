"""Both languages say the same things."""

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.web import moments, pages
from app.web.tongues import say
from app.web.words import EN, WORDS, ZH, Tongue

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _places(phrase: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def test_both_catalogues_have_the_same_keys_and_the_same_places() -> None:
    assert ZH.keys() == EN.keys()
    assert {key: _places(ZH[key]) for key in ZH} == {key: _places(EN[key]) for key in EN}
    assert all(phrase.strip() for words in WORDS.values() for phrase in words.values())


def test_every_phrase_a_template_names_exists() -> None:
    named = set()
    for template in Path(pages.__file__).with_name("templates").glob("*.html"):
        named |= {part.split("'")[0] for part in template.read_text().split("say('")[1:]}
    assert {key for key in named if key not in ZH and not key.endswith("_")} == set()
    assert len(named) > 20


@pytest.mark.parametrize(
    ("moment", "tongue", "zone", "expected"),
    [
        (NOON, "zh", "Asia/Shanghai", "今天 20:00"),
        (NOON + timedelta(hours=5), "zh", "Asia/Shanghai", "明天 01:00"),
        (NOON + timedelta(hours=5), "en", "UTC", "today 17:00"),
        (NOON - timedelta(days=1), "en", "Europe/Berlin", "yesterday 13:00"),
        (NOON + timedelta(days=3), "zh", "Asia/Shanghai", "3月5日 周四 20:00"),
        (NOON + timedelta(days=3), "en", "America/New_York", "Thu 5 Mar 07:00"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment: datetime, tongue: Tongue, zone: str, expected: str) -> None:
    assert moments.spoken(moment, now=NOON, zone=moments.zone_of(zone), tongue=tongue) == expected


@pytest.mark.parametrize(
    ("names", "tongue", "expected"),
    [
        (("Asia/Shanghai",), "zh", "北京时间"),
        ((None, "Asia/Shanghai"), "en", "Beijing time"),
        (("Not/AZone", "../etc/passwd", "", "Europe/Berlin"), "en", "Berlin time (UTC+1)"),
        (("America/New_York",), "en", "New York time (UTC-5)"),
        (("Asia/Kolkata",), "zh", "Kolkata 时间（UTC+5:30）"),
        (("America/St_Johns",), "en", "St Johns time (UTC-3:30)"),
        ((None,), "zh", "UTC"),
    ],
)
def test_a_zone_is_named(names: tuple[str | None, ...], tongue: Tongue, expected: str) -> None:
    assert moments.zone_name(moments.zone_of(*names), NOON, tongue) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0.2, "1 min"), (59, "59 min"), (60, "1 h"), (135, "2 h 15 min"), (1440, "1 d"), (1530, "1 d 1 h")],
)
def test_a_span_is_said_in_its_two_largest_units(minutes: float, expected: str) -> None:
    assert moments.span(timedelta(minutes=minutes), "en") == expected


def test_customers_words_are_never_read_as_places() -> None:
    assert say("en", "said_relayed", group="{center.__class__}", center="x").startswith("{center.__class__}: ")
