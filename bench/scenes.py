"""`python -m bench.scenes NAME DATABASE COUNT`: one scene, its figures as JSON on the last line."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from bench import (
    confirming,
    foreseeing,
    growing,
    guessing,
    idling,
    keeping_pace,
    posting,
    reading,
    resuming,
    stopping,
    watching,
)
from bench.measure import Figure

SCENES: Mapping[str, Callable[[str, int], Awaitable[list[Figure]]]] = {
    "posting": posting.scene,
    "reading": reading.scene,
    "pacing": keeping_pace.scene,
    "confirming": confirming.scene,
    "guessing": guessing.scene,
    "stopping": stopping.scene,
    "watching": watching.scene,
    "resuming": resuming.scene,
    "growing": growing.scene,
    "idling": idling.scene,
    "foreseeing": foreseeing.scene,
}


async def _figures(name: str, url: str, count: int) -> list[Figure]:
    return await SCENES[name](url, count)


if __name__ == "__main__":
    print(json.dumps([asdict(figure) for figure in asyncio.run(_figures(sys.argv[1], sys.argv[2], int(sys.argv[3])))]))
