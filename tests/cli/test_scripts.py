"""`muster scripts` on both databases: sync, list and preview, for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.keys import app as keys
from app.cli.scripts import app
from app.core.errors import Invalid, NotFound

STARTERS = 12


@pytest.fixture(autouse=True)
def _machine(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a migrated database that holds one center."""
    monkeypatch.setenv("MUSTER_DATABASE_URL", database_url)
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
    assert CliRunner().invoke(keys, ["create", "--role", "owner"]).exit_code == 0


def muster(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def answer(*words: str) -> object:
    result = muster(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_starters_are_synced_listed_and_previewed() -> None:
    first = answer("sync")
    assert isinstance(first, dict)
    assert len(first["new"]) >= STARTERS
    assert answer("sync") == {"new": [], "new_version": [], "unchanged": first["new"], "kept": []}
    listed = answer("list", "--category", "incident")
    assert isinstance(listed, list)
    assert [one["slug"] for one in listed] == ["apology-compensation", "incident-clarification"]
    shown = answer("preview", "praise", "--platform", "wecom", "--language", "zh", "--set", "name=阿宁=组长")
    assert isinstance(shown, dict)
    (text,) = shown["texts"]
    assert "夸一个人：阿宁=组长" in text["text"]
    assert (text["limit"], text["unit"], text["fits"]) == (2048, "bytes", True)


def test_people_read_lines() -> None:
    assert "new version: 0" in muster("sync").stdout
    assert "每日打卡" in muster("list", "--q", "打卡").stdout
    shown = muster("preview", "welcome", "--platform", "telegram").stdout
    assert "── telegram zh · " in shown
    assert " of 4096 code points" in shown


def test_a_folder_of_ones_own_is_synced(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "ours.md").write_text("---\ntitle: Ours\ncategory: x\n---\nHello", encoding="utf-8")
    assert answer("sync", "--folder", str(folder)) == {"new": ["ours"], "new_version": [], "unchanged": [], "kept": []}
    (folder / "ours.md").write_text("---\ntitle: Ours\n---\nHello", encoding="utf-8")
    assert isinstance(muster("sync", "--folder", str(folder)).exception, Invalid)


def test_failures_and_wrong_usage_are_told_apart() -> None:
    assert muster("preview", "nothing").exit_code == 1
    assert isinstance(muster("preview", "nothing").exception, NotFound)
    assert muster("preview", "welcome", "--set", "no-equals-sign").exit_code == 2
    assert muster("preview", "welcome", "--version", "0").exit_code == 2


@pytest.mark.parametrize("command", ["sync", "list", "preview"])
def test_help_shows_an_example(command: str) -> None:
    result = muster(command, "--help")
    assert result.exit_code == 0
    assert f"Example: muster scripts {command}" in result.stdout
