"""When to fall, and how."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.core.clock import DatabaseClock

STALL = timedelta(seconds=40)
"""What a stopped or blocked process is told it slept when it goes on: longer than any lease."""
NAP = timedelta(seconds=0.2)
"""What one that only dozed is told: less than any lease, and than the time in which words may begin."""

POINTS = (
    "before_claim",
    "claim_uncommitted",
    "claim_committed",
    "before_request",
    "after_answer",
    "before_record",
    "record_uncommitted",
    "record_committed",
    "plan_uncommitted",
    "plan_committed",
    "draft_uncommitted",
    "draft_committed",
)


@dataclass
class Strike:
    """Does `action` the `nth` time that `point` is passed: `kill` (SIGKILL), `stop` (SIGSTOP, and on waking STALL has
    passed), `doze` (the same with NAP), `block` (the event loop stands still for STALL), `lose` (the connection breaks:
    ConnectionError)."""

    point: str
    nth: int = 1
    action: str = "kill"
    clock: DatabaseClock = field(default_factory=DatabaseClock)
    passed: int = 0

    def __post_init__(self) -> None:
        if self.point not in POINTS or self.action not in self._actions():
            sys.exit(f"points: {', '.join(POINTS)}; actions: {', '.join(self._actions())}")

    def at(self, point: str) -> None:
        """The process is at this point."""
        if point == self.point:
            self.passed += 1
            if self.passed == self.nth:
                self._actions()[self.action]()

    def _actions(self) -> dict[str, Callable[[], None]]:
        return {
            "kill": self._kill,
            "stop": lambda: self._stop(STALL),
            "doze": lambda: self._stop(NAP),
            "block": self._block,
            "lose": self._lose,
        }

    def _kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _stop(self, slept: timedelta) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        self.clock.follow(self.clock.now() + slept)

    def _block(self) -> None:
        time.sleep(0.3)
        self.clock.follow(self.clock.now() + STALL)

    def _lose(self) -> None:
        raise ConnectionResetError("the connection broke, as it was told to")
