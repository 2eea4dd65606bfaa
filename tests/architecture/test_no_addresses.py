"""The locks hold names, versions and hashes: no address of any index, and one version of each package."""

import re

import pytest

from app.core.settings import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt", "tests/synapse/requirements.txt")
PIN = re.compile(r"^([\w.-]+)==([^ \\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / lock).read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--(extra-)?index-url|--find-links|-f)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock: str) -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_what_runs_is_what_was_tested() -> None:
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert runtime.items() <= dev.items()


def test_the_build_tools_agree_with_the_rest() -> None:
    dev = pins("requirements-dev.txt")
    assert all(dev.get(name, number) == number for name, number in pins("requirements-build.txt").items())


def test_no_lock_of_a_tool_that_records_addresses() -> None:
    assert not (ROOT / "uv.lock").exists()
    assert not (ROOT / ".python-version").exists()
