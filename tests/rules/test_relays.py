"""The code under a text: derived, unlike for every group, and read back however a thumb typed it."""

import pytest

from app.domain.relays.rules import LENGTH, LETTERS, code_of, coded, is_code


def test_no_letter_looks_like_another_and_each_group_has_its_own() -> None:
    assert set(LETTERS).isdisjoint("0O1IL")
    codes = [code_of("sd_1", f"rel_{number}") for number in range(2_000)]
    assert {len(code) for code in codes} == {LENGTH}
    assert set("".join(codes)) == set(LETTERS)
    assert len(set(codes)) > 1_990
    assert code_of("sd_1", "rel_1") == codes[1] != code_of("sd_2", "rel_1")


@pytest.mark.parametrize("typed", ["K7QM", "k7qm", " k7 qm ", "（K7-QM）", "K7QM\n"])
def test_the_code_is_known_however_it_was_typed(typed: str) -> None:
    assert is_code(typed, "K7QM")


@pytest.mark.parametrize("typed", ["", "K7Q", "K7QMM", "K7QN", "Ｋ7QM", "K7QM K7QM", "é" * 400])
def test_anything_else_is_not_the_code(typed: str) -> None:
    assert not is_code(typed, "K7QM")


def test_the_line_speaks_the_language_of_its_text() -> None:
    assert coded("周六集合", "K7QM") == "周六集合\n（核对码：K7QM）"
    assert coded("We meet on Saturday", "K7QM") == "We meet on Saturday\n(Code: K7QM)"
