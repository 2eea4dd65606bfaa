"""Every plant finds the place it breaks, and every break of a promise is some plant's. That each is caught by a run is
proven by `make chaos PLANT=all`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos import bugs_of_sending, bugs_of_the_ledger
from tests.chaos.plants import PLANTS
from tests.chaos.verdict import Fault

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("name", PLANTS)
def test_a_plant_finds_its_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[str] = []

    def swap(place: Any, what: str, make: Callable[[Any], Any]) -> None:
        stood = getattr(place, what)
        monkeypatch.setattr(place, what, make(stood))
        assert getattr(place, what) is not stood
        put.append(what)

    for bugs in (bugs_of_sending, bugs_of_the_ledger):
        monkeypatch.setattr(bugs, "swap", swap)
    PLANTS[name].put()
    assert put
    assert PLANTS[name].scene().events


def test_every_count_of_the_verdict_is_proven_by_a_plant() -> None:
    assert {plant.fault for plant in PLANTS.values()} == set(Fault) - {Fault.ERRORS}
    assert len(PLANTS) >= 15
