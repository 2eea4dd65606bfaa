"""A table fits the terminal it is shown on, and a pipe gets it whole."""

import contextlib
import os
import subprocess
import sys

import pytest

SHOW = """
from app.cli.terminal import show_table
show_table(("group", "state", "reason"), [["门店 4 群", "missed", "not confirmed in time"], ["East", "failed", ""]])
"""


def _shown(columns: int) -> list[str]:
    """The lines on a terminal of this width."""
    reader, terminal = os.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1"}
    subprocess.run([sys.executable, "-c", SHOW], stdout=terminal, env=environment, check=True)
    os.close(terminal)
    said = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody holds its other end
        while more := os.read(reader, 65_536):
            said += more
    os.close(reader)
    return [line.rstrip() for line in said.decode().splitlines()]


def test_a_wide_terminal_gets_columns() -> None:
    assert _shown(60) == [
        "group      state   reason",
        "门店 4 群  missed  not confirmed in time",
        "East       failed",
    ]


def test_a_narrow_terminal_gets_a_paragraph_for_each_row() -> None:
    assert _shown(24) == [
        "门店 4 群",
        "  state: missed ·",
        "  reason: not confirmed",
        "  in time",
        "East",
        "  state: failed",
    ]


@pytest.mark.parametrize("columns", ["10", "300"])
def test_a_pipe_gets_columns_whatever_the_terminal(columns: str) -> None:
    environment = {**os.environ, "COLUMNS": columns}
    said = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, env=environment, check=True)
    assert said.stdout.decode().splitlines()[1] == "门店 4 群  missed  not confirmed in time"
