"""The API as a process: it starts on an empty house, says its key once, and ends cleanly with a stream open."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.core.settings import ROOT
from tests.conftest import migrate
from tests.servers import free_port

PATIENCE_S = 60

pytestmark = pytest.mark.timeout(400)

KEY = re.compile(r"operator key \(shown once\): (mk_[a-zA-Z0-9]{12}_[a-zA-Z0-9]{43})$", re.MULTILINE)


class Served:
    """One running API process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)

    async def answers(self) -> httpx.Response:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                assert self.process.returncode is None, "the process ended at once"
                with contextlib.suppress(httpx.TransportError):
                    return await self.client.get("/readyz")
                await asyncio.sleep(0.05)

    async def end(self) -> tuple[int, str, str]:
        """SIGTERM; the exit code, standard output and standard error."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")},
        "MUSTER_DATA_DIR": str(folder),
        "MUSTER_PORT": str(port),
        "MUSTER_LOG_FORMAT": "json",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.main"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Served(process, port)
    try:
        yield running
    finally:
        await running.client.aclose()
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path / 'muster.db'}")
    return tmp_path


async def test_the_first_start_says_the_key_once(house: Path) -> None:
    async with served(house) as first:
        assert (await first.answers()).json()["status"] == "ready"
        code, out, err = await first.end()
    assert code == 0
    found = KEY.findall(out)
    assert len(found) == 1
    assert found[0] not in err
    async with served(house) as second:
        await second.answers()
        keys = await second.client.get("/api/v1/keys", headers={"Authorization": f"Bearer {found[0]}"})
        assert [key["role"] for key in keys.json()["items"]] == ["owner"]
        code, out, err = await second.end()
    assert code == 0
    assert KEY.findall(out) == []
    assert found[0] not in err


@pytest.mark.alone
async def test_a_process_with_an_open_stream_ends_at_once(house: Path) -> None:
    async with served(house) as running:
        await running.answers()
        # A stream needs a campaign; the shape of its row is not this test's affair.
        key = await _first_key(running)
        campaign = await running.client.post(
            "/api/v1/campaigns",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "one"},
            json={"title": "t", "body": "b", "audience": {}, "route": "auto", "relay_minutes": 30},
        )
        assert campaign.status_code == 201, campaign.text
        address = f"/api/v1/campaigns/{campaign.json()['id']}/stream"
        async with running.client.stream("GET", address, headers={"Authorization": f"Bearer {key}"}) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")
            began = asyncio.get_running_loop().time()
            running.process.send_signal(signal.SIGTERM)
            async for _ in stream.aiter_raw():
                pass
            await running.process.wait()
            took = asyncio.get_running_loop().time() - began
    assert running.process.returncode == 0
    assert took < 2.5  # under the server's own patience of 3 s: the stream ended, it was not cut


async def _first_key(running: Served) -> str:
    assert running.process.stdout is not None
    line = (await running.process.stdout.readline()).decode()
    found = KEY.search(line)
    assert found, line
    return found.group(1)


async def test_an_unmigrated_house_waits_for_its_schema(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "muster.db").close()
    async with served(tmp_path) as running:
        ready = await running.answers()
        assert (ready.status_code, ready.json()["database"]) == (503, "schema_behind")
        await asyncio.to_thread(migrate, f"sqlite:///{tmp_path / 'muster.db'}")
        assert (await running.client.get("/readyz")).status_code == 200
        assert await _first_key(running)  # found by the next look
        code, _, err = await running.end()
    assert code == 0
    assert any(json.loads(line)["event"] == "schema_behind" for line in err.splitlines())


async def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.main"),
        cwd=ROOT,
        env={**os.environ, "MUSTER_PORT": "many", "MUSTER_DATA_DIR": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode().count("\n") == 1
    assert "MUSTER_PORT" in err.decode()
