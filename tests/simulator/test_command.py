"""`python -m app.simulator`: says where it listens, listens on loopback only, ends cleanly."""

import re
import signal
import subprocess
import sys

import httpx
import pytest

from app.core.settings import ROOT
from app.simulator.server import NotLoopback, bind

COMMAND = [sys.executable, "-m", "app.simulator"]


def test_it_says_where_it_listens_and_ends_when_told() -> None:
    with subprocess.Popen([*COMMAND, "serve", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        assert httpx.get(f"{found[0]}/_sim/state", timeout=10).json()["receipts"] == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) in {0, -signal.SIGTERM}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.org", "::"])
def test_it_listens_nowhere_else(host: str) -> None:
    with pytest.raises(NotLoopback):
        bind(host, 0)


def test_a_wrong_host_is_wrong_usage() -> None:
    done = subprocess.run([*COMMAND, "--host", "0.0.0.0"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not a loopback address" in done.stderr
