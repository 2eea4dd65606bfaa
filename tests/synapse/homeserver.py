"""A running Synapse on a free loopback port, with SQLite and its own limits on: what the tests ask of it."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.servers import free_port
from tests.synapse.installed import python

PER_SECOND, BURST = 8, 10
"""The limit on messages: tighter than the story is fast, so that it is met, and forty times Synapse's own."""

_SHARED = "of this test run alone"
_PATIENCE_S = 60
_API = "/_matrix/client/v3"
_PROCESSED = re.compile(r"Processed request: .*sec\).* (\d{3})!? \"")


@dataclass(frozen=True)
class User:
    id: str
    token: str


class Homeserver:
    """Synapse in this folder; `http` speaks to it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.http = httpx.AsyncClient(base_url=self.base, trust_env=False, timeout=30)
        self._python = python()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        seed = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
        self._services: list[str] = []

    def tell(self, service: Mapping[str, object]) -> None:
        """From its next start on it tells this application service what happens."""
        path = self._folder / f"{service['id']}.yaml"
        path.write_text(json.dumps(service))
        self._services.append(str(path))

    async def start(self) -> None:
        """Start it, and wait until it is healthy."""
        process = self._spawn()
        for _ in range(_PATIENCE_S * 10):
            assert process.poll() is None, f"Synapse ended at once: {self.log.read_text()[-2000:]}"
            try:
                if (await self.http.get("/health")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        raise AssertionError(f"Synapse is not healthy after {_PATIENCE_S} s")

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = {**_settings(self._folder, self.port), "app_service_config_files": self._services}
        (self._folder / "homeserver.yaml").write_text(json.dumps(settings))
        command = [self._python, "-m", "synapse.app.homeserver", "-c", self._folder / "homeserver.yaml"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT)
        return self._process

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None

    @property
    def log(self) -> Path:
        return self._folder / "log"

    def answered(self, user: User, path: str) -> list[int]:
        """The statuses it answered this user's requests with whose path holds this, by its own log."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        heard = (_PROCESSED.search(line) for line in lines if f"{{{user.id}" in line and path in line)
        return [int(found[1]) for found in heard if found]

    async def ask(self, user: User, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Anything but a yes fails the test."""
        headers = {"authorization": f"Bearer {user.token}"}
        whole = path if path.startswith("/_synapse") else f"{_API}{path}"
        answer = await self.http.request(method, whole, json=body, headers=headers)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def user(self, name: str, *, admin: bool = False) -> User:
        """A new one; for an administrator there are no limits."""
        path = "/_synapse/admin/v1/register"
        nonce = (await self.http.get(path)).json()["nonce"]
        words = (nonce, name, "pass", "admin" if admin else "notadmin")
        mac = hmac.new(_SHARED.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": "pass", "admin": admin, "mac": mac}
        made = (await self.http.post(path, json=body)).json()
        user = User(made["user_id"], made["access_token"])
        if admin:
            await self.lift(user, user)
        return user

    async def lift(self, admin: User, user: User, *, again: bool = False) -> None:
        """No limits for this user any more, or the ordinary ones `again`."""
        path = f"/_synapse/admin/v1/users/{_part(user.id)}/override_ratelimit"
        if again:
            await self.ask(admin, "DELETE", path)
        else:
            await self.ask(admin, "POST", path, {"messages_per_second": 0, "burst_count": 0})

    async def room(self, owner: User, *members: User, **facts: object) -> str:
        """A new room with these members; answers its id."""
        made = await self.ask(owner, "POST", "/createRoom", {"preset": "public_chat", **facts})
        for member in members:
            await self.ask(member, "POST", f"/rooms/{_part(made['room_id'])}/join", {})
        return str(made["room_id"])

    async def messages(self, reader: User, room: str) -> list[dict[str, Any]]:
        """The messages that were ever posted in a room, the newest first; a redacted one has no content."""
        found = await self.ask(reader, "GET", f"/rooms/{_part(room)}/messages?dir=b&limit=100")
        return [event for event in found["chunk"] if event["type"] == "m.room.message"]


def _part(text: str) -> str:
    return quote(text, safe="")


def _settings(folder: Path, port: int) -> Mapping[str, object]:
    """It speaks with clients on loopback, and with no other server."""
    plenty = {"per_second": 1000, "burst_count": 1000}
    return {
        "server_name": "localhost",
        "report_stats": False,
        "listeners": [
            {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]}
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "pid_file": str(folder / "pid"),
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "registration_shared_secret": _SHARED,
        "macaroon_secret_key": _SHARED,
        "form_secret": _SHARED,
        "presence": {"enabled": False},
        "rc_message": {"per_second": PER_SECOND, "burst_count": BURST},
        "rc_joins": {"local": plenty},
        "rc_joins_per_room": plenty,
        "rc_room_creation": plenty,
    }


@asynccontextmanager
async def homeserver(folder: Path, there: Homeserver | None = None) -> AsyncIterator[Homeserver]:
    """A healthy one, or this one, ended with the block. Raises NotInstalled."""
    there = there or Homeserver(folder)
    try:
        await there.start()
        yield there
    finally:
        there.stop(signal.SIGKILL)
        await there.http.aclose()
