"""Picture files are kept bare: what a phone tells of place, time and person goes, and what is seen stays."""

import pytest

from app.core.images import read_image
from app.domain.pictures.rules import bared
from tests.builders.images import JPEG, PNG, chunk, png, segment, told

PLACE = b"31.2304N"


def test_a_bare_picture_stays_as_it_is() -> None:
    for kind, content, size in (("png", PNG, (1, 1)), ("jpeg", JPEG, (2, 1))):
        found = read_image(content)
        assert found is not None
        assert (found.kind, found.content, found.width, found.height) == (kind, content, *size)


@pytest.mark.parametrize("turned", [6, 1, 9])
def test_a_jpeg_loses_its_place_and_keeps_its_colours_and_which_way_is_up(turned: int) -> None:
    taken = told(place=PLACE, turned=turned)
    assert PLACE in taken
    found = read_image(taken)
    assert found is not None
    assert PLACE not in found.content
    assert b"ICC_PROFILE" in found.content
    upright = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes((turned, 0, 0))
    assert (upright in found.content) is (turned == 6)
    again = read_image(found.content)
    assert again is not None
    assert again.content == found.content
    assert found.content.count(b"\xff\xd9") == 1  # the second picture, with a place of its own, is gone


def test_a_png_loses_its_words() -> None:
    words = [chunk(kind, b"place\0" + PLACE) for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")]
    found = read_image(PNG[:33] + b"".join(words) + PNG[33:] + PLACE)
    assert found is not None
    assert found.content == PNG


@pytest.mark.parametrize("content", [PNG, JPEG, told()])
def test_what_was_cut_short_or_is_no_picture_is_none(content: bytes) -> None:
    whole = content.find(b"\xff\xd9") + 2 if content.startswith(b"\xff") else len(content)
    assert {end for end in range(whole) if read_image(content[:end]) is not None} == set()
    assert read_image(b"") is None
    assert read_image(JPEG[:2] + JPEG[-2:]) is None
    assert read_image(JPEG[:2] + segment(0xFE, b"") + b"x") is None


@pytest.mark.parametrize(
    ("width", "height", "taken"),
    [
        (5_000, 5_000, True),
        (5_000, 5_001, False),
        (2_000, 100, True),
        (100, 2_001, False),
        (0, 1, False),
        (2**31, 2**31, False),
    ],
)
def test_a_picture_is_no_larger_and_no_slimmer_than_telegram_takes(width: int, height: int, taken: bool) -> None:
    found = bared(png(width, height))
    assert isinstance(found, str) is not taken
