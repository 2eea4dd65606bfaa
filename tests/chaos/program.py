"""One process of a run, which can be killed, stopped and started again."""

import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from app.core.redis import die_with_parent
from tests.chaos.minding import minds

START_S = 40.0


class NotStarted(Exception):
    """A part of the house did not come up; the text says which, and what it wrote."""


class Program:
    """One process, its output in a file."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.output = folder / f"{name}.log"
        self._command = (sys.executable, "-m", *command)
        self._environment = dict(environment)
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._since = 0.0
        self._told = 0

    @property
    def settled(self) -> bool:
        """Whether it minds being asked to end, or has had more than the time to learn it."""
        late = time.monotonic() - self._since > START_S
        return late or (self._process is not None and minds(self._process.pid, signal.SIGTERM))

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        self._since, self._told = time.monotonic(), self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment,
                cwd=self._folder,
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
            )

    @property
    def told(self) -> str:
        """What it wrote since it was last started."""
        return self.output.read_bytes()[self._told :].decode(errors="replace")

    def send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def end(self, number: signal.Signals, *, patience_s: float = 25.0) -> int:
        """Send this signal and wait for the end, which SIGKILL brings if nothing else does. Answers the exit code."""
        assert self._process is not None
        self.send(number)
        try:
            return await asyncio.wait_for(self._process.wait(), patience_s)
        except TimeoutError:
            self.send(signal.SIGKILL)
            return await self._process.wait()

    async def close(self) -> None:
        if self.lives:
            self.send(signal.SIGCONT)
            await self.end(signal.SIGKILL)


async def answers(program: Program, url: str) -> None:
    """Wait until this program answers 200 there. Raises NotStarted."""
    deadline = asyncio.get_running_loop().time() + START_S
    async with httpx.AsyncClient(trust_env=False) as client:
        while asyncio.get_running_loop().time() < deadline and program.lives:
            with suppress(httpx.HTTPError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise NotStarted(f"The {program.name} did not start: {program.output.read_text(errors='replace')[-2000:]}")
