"""Filling and picking prepared texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.filling import MissingValue, fill, names, pick, primary

LITERAL = [
    "{{7*7}}",
    "${7*7}",
    "{u.__init__}",
    "{{''.__class__}}",
    "{{name}}",
    "{{name}",
    "{name}}",
    "{name!r}",
    "{name:>10}",
    "{0}",
    "{1st}",
    "{}",
    "{ name }",
    "{a b}",
    "{__class__}",
    "{name[0]}",
    "%(name)s",
    "$name",
    "{",
    "}",
    "｛name｝",
    "{% raw %}",
]


@pytest.mark.parametrize("body", LITERAL)
def test_everything_but_an_exact_place_is_literal(body: str) -> None:
    assert names(body) == frozenset()
    assert fill(body, {"name": "X", "u": "Y"}) == body


def test_places_may_be_named_in_any_script() -> None:
    body = "{昵称}，{date_1} 见！{Ünïcode}"
    assert names(body) == {"昵称", "date_1", "Ünïcode"}
    assert fill(body, {"昵称": "小鹿", "date_1": "周五", "Ünïcode": "ok"}) == "小鹿，周五 见！ok"


def test_a_currency_sign_before_a_place_stays() -> None:
    assert fill("${price}", {"price": "30"}) == "$30"


def test_a_value_is_never_filled_again() -> None:
    assert fill("{a}{b}", {"a": "{b}", "b": "{a}"}) == "{b}{a}"


def test_a_value_may_hold_anything_a_regular_expression_would_read() -> None:
    assert fill("<{a}>", {"a": r"\1 \g<0> $1"}) == r"<\1 \g<0> $1>"


def test_a_place_without_a_value_is_named() -> None:
    with pytest.raises(MissingValue) as caught:
        fill("{known} {unknown}", {"known": "x"})
    assert caught.value.name == "unknown"
    assert str(caught.value) == "There is no value for {unknown}."


@given(st.text(alphabet="{}ab7_.中 \n$*", max_size=60))
def test_filling_answers_for_exactly_the_names_it_reports(body: str) -> None:
    found = names(body)
    assert all(f"{{{name}}}" in body for name in found)
    filled = fill(body, dict.fromkeys(found, ""))
    assert len(filled) <= len(body)
    for name in found:
        with pytest.raises(MissingValue):
            fill(body, {other: "" for other in found if other != name})


@given(st.lists(st.tuples(st.text(alphabet="xyz, 。", max_size=5), st.sampled_from("abc")), max_size=8), st.data())
def test_filling_is_the_concatenation_of_words_and_values(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    values = {name: data.draw(st.text(max_size=10), label=name) for name in "abc"}
    body = "".join(f"{words}{{{name}}} " for words, name in parts)
    assert fill(body, values) == "".join(f"{words}{values[name]} " for words, name in parts)


def test_a_text_of_only_open_braces_is_read_in_linear_time() -> None:
    body = "{" * 100_000 + "{a" * 100_000
    assert fill(body, {}) == body


@pytest.mark.parametrize("tag", ["zh", "zh-CN", "zh_Hant_TW", "ZH", " zh "])
def test_a_language_is_known_by_its_primary_tag(tag: str) -> None:
    assert primary(tag) == "zh"


@pytest.mark.parametrize(
    ("texts", "language", "platform", "expected"),
    [
        (["", "zh", "en", "zh/wecom"], "zh-CN", "wecom", "zh/wecom"),
        (["", "zh", "en", "zh/wecom"], "zh-CN", "telegram", "zh"),
        (["", "zh", "en", "zh/wecom"], "en", "wecom", "en"),
        (["", "zh", "/wecom"], "fr", "wecom", "/wecom"),
        (["", "zh"], "fr", "wecom", ""),
        (["", "zh"], None, "wecom", ""),
        (["en", "zh", "zh/wecom"], "fr", "wecom", "zh/wecom"),
        (["en", "zh"], None, "wecom", "zh"),
        (["en", "de"], None, "wecom", "en"),
        (["fr", "de"], "it", "wecom", "de"),
        (["fr/wecom"], "it", "telegram", "fr/wecom"),
    ],
)
def test_the_nearest_text_is_picked(texts: list[str], language: str | None, platform: str, expected: str) -> None:
    assert pick({key: key for key in texts}, language=language, platform=platform) == expected


def test_nothing_can_be_picked_from_nothing() -> None:
    with pytest.raises(ValueError, match="no text"):
        pick({}, language="zh", platform="wecom")
