"""Being asked to end."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


@contextlib.contextmanager
def told_to_stop(stopping: asyncio.Event) -> Iterator[None]:
    """Set `stopping` on SIGTERM and SIGINT, before the handler that stands there (the server's) does its work. The
    server waits for open answers, so an event stream must learn it here or hold the process."""
    loop = asyncio.get_running_loop()
    stood: dict[signal.Signals, Callable[[int, FrameType | None], Any]] = {}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        stood[signal.Signals(number)](number, frame)

    for name in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(name)
        with contextlib.suppress(ValueError):  # only the main thread may
            if callable(before):
                stood[name] = before
                signal.signal(name, told)
    try:
        yield
    finally:
        for name, before in stood.items():
            with contextlib.suppress(ValueError):
                signal.signal(name, before)
