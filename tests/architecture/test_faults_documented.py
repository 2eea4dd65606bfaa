"""The catalogue of faults names tests that are there."""

import re

from app.core.settings import ROOT

PAGE = (ROOT / "docs/faults.md").read_text(encoding="utf-8")


def test_every_test_file_the_catalogue_names_exists() -> None:
    folders = "api|architecture|channels|chaos|cli|features|flows|rules|simulator|stories|web"
    named = set(re.findall(rf"\b((?:{folders})/\w+)\b", PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / "tests" / f"{name}.py").exists()] == []


def test_every_fault_says_whether_it_is_held() -> None:
    lines = re.findall(r"^\d+\. (.*)$", PAGE, re.MULTILINE)
    assert len(lines) == 73
    assert [line for line in lines if not line.startswith(("held", "in part", "gap"))] == []
