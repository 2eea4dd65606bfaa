"""When a database is behind what it once was."""

from datetime import datetime

from app.core.marks import Mark


def set_back(pulse: Mark, mark: Mark | None) -> bool:
    """Whether the database has lost what it once held. A mark is left only after the beat it tells of was committed,
    and `pulse` was read after the mark: a database that lost nothing is never behind."""
    return mark is not None and mark.beats > pulse.beats


def lost(pulse: Mark, mark: Mark) -> str:
    """What is missing, in a sentence."""
    return (
        f"the database was set back to {_minute(pulse.at)}: what left between then and {_minute(mark.at)} "
        "is not in it, and may be said twice"
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
