"""`muster restored` stops every center by hand, where no mark tells that the database came from a backup."""

import json

import pytest

from tests.cli.conftest import Muster

pytestmark = pytest.mark.usefixtures("house")


def test_everything_is_held_and_said_so(muster: Muster) -> None:
    muster("keys", "create", "--role", "owner")
    held = muster("restored", "--until", "2026-11-28T09:30:00")
    assert (held.code, held.err.count("Traceback")) == (0, 0)
    assert "0 deliveries are uncertain" in held.out
    assert json.loads(muster("restored", "--json").out.splitlines()[-1]) == {"uncertain": 0}


def test_a_moment_that_is_none_is_wrong_usage(muster: Muster) -> None:
    assert muster("restored", "--until", "yesterday").code == 2
