"""`python -m tests.chaos.planted PLANT api|worker`: one of the product's processes with a bug planted in it."""

import asyncio
import sys

from app import main as api
from app.core.logs import set_up
from app.core.settings import load
from tests.chaos.plants import PLANTS
from workers.lifecycle import run


def main() -> None:
    name, process = sys.argv[1:]
    PLANTS[name].put()
    if process == "api":
        api.main()
    settings = load()
    set_up(settings.log_level, settings.log_format)
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
