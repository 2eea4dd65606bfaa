"""`muster up`: one command starts everything, keeps it alive, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.redis import _binary as redis_binary
from app.core.settings import ROOT
from tests.servers import free_port

pytestmark = pytest.mark.timeout(400)

STOP_S = 5.0
PATIENCE_S = 60
REDIS = Path(redis_binary()).name
PARTS = {"app.main", "workers", REDIS}


@dataclass
class Service:
    """A running `muster up` and what it said first."""

    process: subprocess.Popen[str]
    folder: Path
    address: str
    key: str | None

    def children(self) -> dict[str, int]:
        """The living children of the supervisor, by what they run."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and parent(int(entry.name)) == self.process.pid:
                with suppress(OSError):  # it has just ended
                    words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    name = words[2] if words[1:2] == ["-m"] else Path(words[0].partition(" ")[0]).name
                    found[name] = int(entry.name)
        return found

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", headers={"Authorization": f"Bearer {self.key}"}, timeout=10)

    def stop(self) -> float:
        """Ask it to end; answers how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0
        return time.monotonic() - began


def environment(folder: Path, **settings: str) -> dict[str, str]:
    return {**os.environ, "MUSTER_DATA_DIR": str(folder), "MUSTER_PORT": "0", "PYTHONPATH": str(ROOT), **settings}


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; main()", "up", *words]


def parent(pid: int) -> int | None:
    """Whose child a living process is; None for one that has ended, reaped or not."""
    try:
        state, mother = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(mother)


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Service]:
    with subprocess.Popen(
        command("--json"), cwd=folder.parent, env=environment(folder, **settings), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            told: dict[str, Any] = json.loads(process.stdout.readline())
            yield Service(process, folder, told["address"], told["key"])
        finally:
            process.kill()


def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "data", MUSTER_PORT=str(free_port())) as service:
        yield service


@contextmanager
def open_stream(service: Service) -> Iterator[None]:
    """Somebody watches a campaign: an answer that never ends by itself."""
    headers = {"Authorization": f"Bearer {service.key}"}
    with httpx.Client(base_url=service.address, headers=headers, timeout=10) as client:
        body = {"title": "Storm", "body": "Please stay indoors.", "relay_minutes": 60}
        drafted = client.post("/api/v1/campaigns", json=body, headers={"Idempotency-Key": "once"})
        with client.stream("GET", f"/api/v1/campaigns/{drafted.json()['id']}/stream") as answer:
            assert answer.status_code == 200
            yield


@pytest.mark.alone
def test_it_starts_with_a_key_once_and_stops_in_time_with_a_stream_open(service: Service) -> None:
    assert service.key is not None
    assert service.get("/api/v1/keys").status_code == 200
    assert service.get("/readyz").json() == {"status": "ready", "database": "ok", "redis": "ok"}
    parts = service.children()
    assert set(parts) == PARTS
    assert "Another `muster up` runs on" in refusal(service.folder)
    with open_stream(service):
        assert service.stop() <= STOP_S
    assert not any(map(parent, parts.values()))
    with running(service.folder) as again:
        assert again.key is None
        assert again.stop() <= STOP_S


def test_whatever_dies_is_started_again_and_nothing_outlives_the_supervisor(service: Service) -> None:
    before = service.children()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def whole_again() -> bool:
        now = service.children()
        return set(now) == PARTS and not set(now.values()) & set(before.values())

    eventually(whole_again)
    eventually(lambda: ready(service))
    parts = service.children()
    service.process.kill()
    service.process.wait()
    eventually(lambda: not any(map(parent, parts.values())))


def ready(service: Service) -> bool:
    try:
        return bool(service.get("/readyz").json()["status"] == "ready")
    except httpx.HTTPError:
        return False


def test_a_taken_port_is_refused_with_its_number(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        assert f"Port {port} on 127.0.0.1 cannot be had" in refusal(tmp_path / "data", MUSTER_PORT=port)


@pytest.mark.alone
def test_a_redis_of_ours_is_not_started_where_one_is_named(tmp_path: Path, redis_url: str) -> None:
    with running(tmp_path / "data", MUSTER_REDIS_URL=redis_url) as service:
        assert set(service.children()) == {"app.main", "workers"}
        assert ready(service)
        assert service.stop() <= STOP_S


def test_an_api_that_cannot_start_ends_everything(tmp_path: Path) -> None:
    """A broken data directory is found by the child, not by us: nothing goes round in circles."""
    folder = tmp_path / "data"
    (folder / "secret.key").mkdir(parents=True)
    assert "The API did not start" in refusal(folder)


def refusal(folder: Path, **settings: str) -> str:
    """What a `muster up` that cannot begin says last."""
    ended = subprocess.run(
        command(),
        cwd=folder.parent,
        env=environment(folder, **settings),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    return ended.stderr.splitlines()[-1]
