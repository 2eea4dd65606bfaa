"""The command line as a person meets it: words in, lines and an exit code out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Muster = Callable[..., Answer]


@pytest.fixture
def muster(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Muster:
    """Run one command in this process: `muster("keys", "list")`."""

    def run(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["muster", *words])
        with pytest.raises(SystemExit) as ending:
            main()
        told = capsys.readouterr()
        assert isinstance(ending.value.code, int | None)
        return Answer(ending.value.code or 0, told.out, told.err)

    return run


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without anything: an empty data directory, which is answered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def house(bare: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine with a migrated database, whose address is answered; the test runs on both kinds."""
    monkeypatch.setenv("MUSTER_DATABASE_URL", database_url)
    return database_url
