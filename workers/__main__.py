"""`python -m workers`: one worker process."""

import asyncio

from app.core.logs import set_up
from app.core.settings import load
from workers.lifecycle import run

if __name__ == "__main__":
    settings = load()
    set_up(settings.log_level, settings.log_format)
    asyncio.run(run(settings))
