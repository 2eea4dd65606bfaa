"""One thing a doctor looks at."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"  # works, but not as it should in earnest
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One thing looked at: what was found, and what to do when it is not right."""

    name: str
    state: State
    found: str
    remedy: str = ""
