"""The proof of the checker: every planted bug turns the verdict red, and the same scene without it stays green."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.plants import PLANTS
from tests.chaos.run import run
from tests.chaos.verdict import Fault, Verdict

SOUND = "sound"


async def prove(names: Sequence[str], *, database: str, folder: Path, sound: bool) -> bool:
    """Run these plants, or all for none; with `sound` also their scenes without any bug. A table goes to standard
    error, one line of JSON to standard output; answers whether all is as it must be."""
    began = time.monotonic()
    plants = [PLANTS[name] for name in names] or list(PLANTS.values())
    wrong = []
    _tell(f"{'planted':<30} {'must raise':<22} {'found':<50} seconds")
    for plant in plants:
        verdict = await run(plant.scene(), database=database, folder=folder / plant.name, plant=plant.name)
        caught = verdict.count(plant.fault) > 0
        _row(plant.name, plant.fault.value, verdict, right=caught)
        wrong += [] if caught else [plant.name]
    for scene in {plant.scene: plant for plant in plants}.values() if sound else ():
        verdict = await run(scene.scene(), database=database, folder=folder / f"{SOUND}-{scene.scene.__name__}")
        _row(f"{SOUND}: {scene.scene.__name__}", "nothing", verdict, right=verdict.ok)
        wrong += [] if verdict.ok else [f"{SOUND}: {scene.scene.__name__}"]
    seconds = round(time.monotonic() - began, 1)
    said = {"ok": not wrong, "database": database, "planted": len(plants), "wrong": wrong, "seconds": seconds}
    sys.stdout.write(json.dumps(said) + "\n")
    return not wrong


def _row(name: str, must: str, verdict: Verdict, *, right: bool) -> None:
    counts = ", ".join(f"{fault.value} {verdict.count(fault)}" for fault in Fault if verdict.count(fault))
    _tell(f"{name:<30} {must:<22} {counts or 'nothing':<50} {verdict.seconds:>5.1f}  {'' if right else '<- WRONG'}")
    for finding in verdict.findings[: 0 if right else 5]:
        _tell(f"    {finding.fault.value}: {finding.says}")


def _tell(line: str) -> None:
    sys.stderr.write(line.rstrip() + "\n")
    sys.stderr.flush()
