"""Texts cut into parts: nothing lost, nothing too long, and no character cut in two."""

import time
from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.core.parts import parts

PIECES = (
    "👨‍👩‍👧‍👦",  # one family of seven code points
    "👍🏽",
    "🇨🇳",
    "🇨🇳🇯🇵",
    "e\u0301\u0323",
    "ที่",
    "각",
    "नमस्ते",
    "各位家长好，",
    "明天停课。",
    "“请回复”",
    "مرحبا بكم، ",
    "שלום. ",
    "word ",
    "Full stop. ",
    "https://example.com/a?b=1",
    "\n",
    "\n\n",
    "   ",
    "x",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=80).map("".join)


def _points(most: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= most


def _octets(most: int) -> Callable[[str], bool]:
    return lambda text: len(text.encode(errors="surrogatepass")) <= most


@given(TEXTS, st.integers(1, 60), st.sampled_from([_points, _octets]))
def test_parts_joined_are_the_text_each_fits_and_no_character_is_cut(
    text: str, size: int, unit: Callable[[int], Callable[[str], bool]]
) -> None:
    fits = unit(size)
    found = parts(text, fits, most=500)
    characters = regex.findall(r"\X", text)
    if not found:
        assert text == "" or not all(map(fits, characters))
        return
    assert "".join(found) == text
    assert all(found)
    assert all(map(fits, found))
    assert [one for part in found for one in regex.findall(r"\X", part)] == characters


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("One two. Three.\n\nFour five six.", 24, ["One two. Three.\n\n", "Four five six."]),
        ("One two and.\nThree four five.", 22, ["One two and.\n", "Three four five."]),
        ("One two three. Four five six.", 20, ["One two three. ", "Four five six."]),
        ("one two three four five", 12, ["one two ", "three four ", "five"]),
        ("各位家长好。明天停课一天，请互相转告。", 12, ["各位家长好。", "明天停课一天，", "请互相转告。"]),
        ("通知（请大家看）", 7, ["通知（请大家", "看）"]),
        ("请大家都来看这里的通知https://a.example/x", 22, ["请大家都来看这里的通知", "https://a.example/x"]),
        ("🇨🇳🇯🇵🇰🇷", 5, ["🇨🇳🇯🇵", "🇰🇷"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ],
)
def test_a_part_ends_at_the_best_border_of_its_second_half(text: str, size: int, expected: list[str]) -> None:
    assert parts(text, _points(size), most=9) == expected


def test_borders_are_given_up_before_the_text_is() -> None:
    text = ("a" * 55 + ". " + "b" * 42 + " ") * 4
    assert [len(part) for part in parts(text, _points(100), most=4)] == [100, 100, 100, 100]
    assert parts(text, _points(100), most=3) == []


@pytest.mark.parametrize("text", ["\n" * 20_000, " " * 20_000, "." * 20_000, "字" * 20_000, "👨‍👩‍👧‍👦" * 2_800])
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    assert "".join(parts(text, _points(4_096), most=5)) == text
    assert time.process_time() - begun < 2
