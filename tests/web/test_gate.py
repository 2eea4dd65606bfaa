"""The gate's memory is bounded, and its window slides."""

from datetime import timedelta

from app.web.gate import Noise
from tests.conftest import T0


def test_the_window_slides_instead_of_starting_anew() -> None:
    noise = Noise(most=2, per=timedelta(seconds=60))
    at = [noise.too_much("a", T0 + timedelta(seconds=second)) for second in (0, 40, 50, 61, 99, 101)]
    assert at == [False, False, True, False, True, False]


def test_one_noisy_address_does_not_silence_another() -> None:
    noise = Noise(most=1)
    assert [noise.too_much(who, T0) for who in ("a", "a", "b")] == [False, True, False]


def test_a_million_addresses_do_not_fill_the_memory() -> None:
    noise = Noise(remembered=100)
    for number in range(5_000):
        noise.too_much(f"10.0.0.{number}", T0)
    assert len(noise) == 100
