"""`python -m tests.stories.jumpy FILE`: a worker whose machine's clock is off by as many seconds as stand in FILE. What
it last saw of that stands beside it."""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from app.core import clock, db
from app.core.logs import set_up
from app.core.settings import load
from workers import lifecycle

OFTEN_S = 0.1
"""How often it looks at a clock, so that a jump is met within a short story."""


def seen_by(file: Path) -> Path:
    return file.with_suffix(".seen")


def main() -> None:
    file, true = Path(sys.argv[1]), clock.wall_clock

    def shown() -> datetime:
        off = file.read_text()
        seen_by(file).write_text(off)
        return true() + timedelta(seconds=float(off or 0))

    vars(db)["wall_clock"] = shown
    vars(lifecycle)["FOLLOW_CLOCK_S"] = OFTEN_S
    settings = load()
    set_up(settings.log_level, settings.log_format)
    asyncio.run(lifecycle.run(settings))


if __name__ == "__main__":
    main()
