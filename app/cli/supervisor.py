"""Keeps the embedded service alive: an API, a worker and a Redis as children that start, restart and end together."""

import asyncio
import contextlib
import fcntl
import os
import re
import signal
import socket
import sys
import time
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.places import address, reachable
from app.cli.terminal import Failed, note
from app.core.redis import EmbeddedRedis, RedisNotStarted, die_with_parent
from app.core.settings import Settings

START_S = 30.0
STOP_S = 4.0
FINISH_S = 30.0
"""How long a worker may take to hear the answers to what it has already said: a request lasts 15 s at the most."""
STEADY_S = 30.0
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)

_TOKEN = re.compile(r"\bmk_[a-zA-Z0-9]{12}_[a-zA-Z0-9]{43}\b")


@dataclass(frozen=True)
class Started:
    """The service answers at `address`; `key` is the first owner key, when this start made one."""

    address: str
    key: str | None = field(repr=False)


class Child:
    """One program of ours, restarted with growing pauses whenever it ends by itself."""

    def __init__(self, name: str, module: str, environment: Mapping[str, str], *, patience_s: float = STOP_S) -> None:
        self.name = name
        self._patience_s = patience_s
        self.key: str | None = None
        self.exited = asyncio.Event()
        self._command = (sys.executable, "-m", module)
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Run it for ever. Ends only by being cancelled; the process itself is ended by `stop`."""
        falls = 0
        while True:
            began = time.monotonic()
            code = await self._once()
            falls = 0 if time.monotonic() - began > STEADY_S else falls + 1
            pause = BACKOFF_S[min(falls, len(BACKOFF_S) - 1)]
            self.exited.set()
            note(f"muster: the {self.name} ended with code {code}; it starts again in {pause:g} s")
            await asyncio.sleep(pause)

    async def stop(self, hurry: asyncio.Event) -> None:
        """Ask it to end; end it when its patience is over, or when `hurry` is set."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        ending, hurried = asyncio.create_task(process.wait()), asyncio.create_task(hurry.wait())
        await asyncio.wait({ending}, timeout=min(STOP_S, self._patience_s))
        if not ending.done() and self._patience_s > STOP_S:
            note(f"muster: the {self.name} waits for answers to what it has already said; Ctrl-C again cuts it off")
            await asyncio.wait({ending, hurried}, timeout=self._patience_s - STOP_S, return_when=FIRST_COMPLETED)
        hurried.cancel()
        if not ending.done():
            process.kill()
        await ending

    async def _once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            # A session of its own: Ctrl-C reaches us alone, and we end the children in order.
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = raw.decode(errors="replace").rstrip()
            token = _TOKEN.search(line)
            if token:
                self.key = token.group()
            elif line:
                print(line, flush=True)
        return await self._process.wait()


async def supervise(settings: Settings, tell: Callable[[Started], None]) -> None:
    """Run everything until SIGTERM or SIGINT; a second one does not wait for posts under way. `tell` is called once,
    when the API answers. Raises Failed when it cannot begin."""
    port = _port(settings)
    ended, hurry = asyncio.Event(), asyncio.Event()

    def told() -> None:
        (hurry if ended.is_set() else ended).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    with _alone(settings.data_dir), _redis(settings) as (redis_url, redis):
        environment = {**os.environ, "MUSTER_PORT": str(port), "MUSTER_REDIS_URL": redis_url}
        children = (Child("API", "app.main", environment), Child("worker", "workers", environment, patience_s=FINISH_S))
        tasks = [asyncio.create_task(child.run()) for child in children]
        if redis is not None:
            tasks.append(asyncio.create_task(_keep(redis)))
        try:
            if await _answers(children[0], settings.host, port, ended):
                tell(Started(address(settings.host, port), children[0].key))
            await _first_of(ended, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(child.stop(hurry) for child in children))


async def _answers(api: Child, host: str, port: int, ended: asyncio.Event) -> bool:
    """Wait until the API says that it lives; False when we were asked to stop first. Raises Failed."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and not api.exited.is_set():
        if ended.is_set():
            return False
        if await _alive(reachable(host), port):
            return True
        await asyncio.sleep(0.1)
    raise Failed("The API did not start; the lines above say why.")


async def _alive(host: str, port: int) -> bool:
    """Whether `GET /healthz` answers 200."""
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
            return status.split()[1:2] == [b"200"]
    except (OSError, TimeoutError):
        return False


async def _keep(redis: EmbeddedRedis) -> None:
    """Start the embedded Redis again when it ends. Until then nothing is lost: it carries hints only."""
    falls = 0
    while True:
        await asyncio.sleep(BACKOFF_S[min(falls, len(BACKOFF_S) - 1)])
        if redis.running:
            falls = 0
            continue
        falls += 1
        note("muster: the embedded Redis ended; it starts again")
        # In this very thread: a child that is to die with its parent dies with the thread that started it.
        with contextlib.suppress(RedisNotStarted):
            redis.start()


async def _first_of(ended: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the order to stop, or for a keeper that broke, whose exception is raised."""
    order = asyncio.create_task(ended.wait())
    done, _ = await asyncio.wait({order, *tasks}, return_when=FIRST_COMPLETED)
    order.cancel()
    for task in done - {order}:
        task.result()


@contextlib.contextmanager
def _redis(settings: Settings) -> Iterator[tuple[str, EmbeddedRedis | None]]:
    """The address of the Redis to use, and the server when it is ours."""
    if settings.redis_url:
        yield settings.redis_url.get_secret_value(), None
        return
    server = EmbeddedRedis(settings.data_dir / "redis")
    try:
        server.start()
        yield server.url, server
    except RedisNotStarted as error:
        raise Failed(f"{error}.") from error
    finally:
        server.stop()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold this data directory: two services on one would write into the same Redis log. Raises Failed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Failed(
                f"Another `muster up` runs on {folder.resolve()}. Stop it, or set MUSTER_DATA_DIR to another folder."
            ) from error
        yield


def _port(settings: Settings) -> int:
    """The port to listen on; for 0, any free one. Raises Failed when it cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except socket.gaierror as error:
        raise Failed(f"MUSTER_HOST: “{settings.host}” is not an address of this machine.") from error
    except OSError as error:
        raise Failed(
            f"Port {settings.port} on {settings.host} cannot be had ({os.strerror(error.errno or 0)}). Stop the program"
            " that holds it, or set MUSTER_PORT to another."
        ) from error
