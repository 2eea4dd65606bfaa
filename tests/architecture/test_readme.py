"""The README is short, and whatever it points at is there."""

import re

from app.core.settings import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_it_is_read_in_one_sitting() -> None:
    assert len(README.splitlines()) < 200


def test_every_decision_names_the_check_that_enforces_it() -> None:
    table = README.partition("| decision | enforced by |")[2].partition("\n\n")[0]
    rows = [row.split(" | ") for row in table.splitlines()[2:]]
    assert rows
    for decision, checks in rows:
        assert re.search(r"`(tests/|test_|\.importlinter)", checks), decision


def test_every_file_it_names_exists() -> None:
    named = re.findall(r"`((?:app|tests|workers|docs)/[\w/.]*)`", README) + re.findall(r"\]\(([\w/.]+)\)", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^(\w+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:^|`| )make ([a-z]+)\b", README, re.MULTILINE))
    assert {"demo", "test", "up", "install", "check", "help"} <= named
    assert named <= targets


def test_the_libraries_it_explains_are_the_ones_installed() -> None:
    section = README.partition("Libraries, and why each:")[2].partition("\n\n")[0]
    explained = {name.lower() for bold in re.findall(r"\*\*(.+?)\*\*", section) for name in bold.split()[:1]}
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("dependencies = [")[2].partition("]\n")[0]
    depended = set(re.findall(r'^\s+"([\w-]+)', text, re.MULTILINE))
    assert explained <= depended
    assert depended <= explained
