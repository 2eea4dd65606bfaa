"""One measurement: what, how much, beside which floor of the same run, against which goal."""

import json
import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TOLD = "told beside the bare"
"""In place of a goal: where a goal is missed, this says what the machine was at."""


@dataclass(frozen=True)
class Figure:
    """`goal` says in words what must hold; `met` whether it does in this run."""

    what: str
    value: float
    unit: str
    floor: float | None
    goal: str
    met: bool

    @property
    def ratio(self) -> str:
        return f"{self.value / self.floor:.2f} x" if self.floor else ""


class Watch:
    """A stopwatch for one block. `cpu_s`: what this process worked meanwhile; `cores`: how many of the machine's were
    at work, for whomever; `grown_mb`: how much more memory than at its beginning this process held at the most."""

    seconds = 0.0
    cpu_s = 0.0
    cores = 0.0
    grown_mb = 0.0


@contextmanager
def timed() -> Iterator[Watch]:
    Path("/proc/self/clear_refs").write_text("5")  # the most that was held begins anew (proc_pid_clear_refs(5))
    held = held_mb(os.getpid())
    watch, began, own, worked = Watch(), time.perf_counter(), time.process_time(), _worked_s()
    yield watch
    watch.seconds, watch.cpu_s = time.perf_counter() - began, time.process_time() - own
    watch.cores = (_worked_s() - worked) / watch.seconds
    watch.grown_mb = held_mb(os.getpid(), "VmHWM") - held


def _worked_s() -> float:
    """Seconds that all cores of the machine have worked since it started (proc_stat(5))."""
    user, nice, system, _idle, _waiting, *interrupts = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def process_s(process_id: int) -> float:
    """Seconds of processor that another process has taken so far (proc_pid_stat(5))."""
    user, system = map(int, Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def held_mb(process_id: int, what: str = "VmRSS") -> float:
    """What a process holds now, or with `VmHWM` held at the most (proc_pid_status(5))."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process_id}/status").read_text().splitlines())
    return int(lines[what].split()[0]) / 1024


def memory_mb() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(figures: list[Figure]) -> None:
    """A table for people, and a JSON file in bench/results for machines."""
    print(f"{'what':<58}{'value':>12}  {'unit':<14}{'floor':>10}  {'ratio':>8}  goal")
    for figure in figures:
        floor = f"{figure.floor:.1f}" if figure.floor else ""
        mark = "met" if figure.met else "NOT MET"
        head = f"{figure.what:<58}{figure.value:>12.1f}  {figure.unit:<14}{floor:>10}"
        print(f"{head}  {figure.ratio:>8}  {figure.goal}: {mark}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    found = {"python": platform.python_version(), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(found, indent=2))
    print(f"\n{path}")
