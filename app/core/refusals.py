"""A database that answers and takes no writes: its disk is full, or it is a copy that only reads."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import DBAPIError

log = structlog.get_logger(__name__)

REMEMBERED_S = 60.0
"""How long a write that was refused is held against the database: not every write needs room."""
_NO_ROOM, _ONLY_READS = "its disk is full", "it only reads"
_STATES = {"53100": _NO_ROOM, "25006": _ONLY_READS}
_SQLITE = {"is full": _NO_ROOM, "readonly database": _ONLY_READS}


def refusal(error: DBAPIError) -> str | None:
    """Why it takes no writes; None for any other trouble."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state:
        return _STATES.get(state)
    return next((why for words, why in _SQLITE.items() if words in str(error.orig)), None)


class Refusals:
    """What became of this process's writes."""

    def __init__(self) -> None:
        self._at = float("-inf")

    @property
    def lately(self) -> bool:
        """Whether one was refused within REMEMBERED_S."""
        return time.monotonic() - self._at < REMEMBERED_S

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around a write: its refusal is remembered, and told in the log once a while."""
        try:
            yield
        except DBAPIError as error:
            self._note(refusal(error))
            raise

    def _note(self, why: str | None) -> None:
        if why is not None:
            if not self.lately:
                log.error("database_refuses_writes", because=why, remedy="until it takes them, nothing is said")
            self._at = time.monotonic()
