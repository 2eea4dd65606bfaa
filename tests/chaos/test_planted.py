"""Two planted bugs turn the verdict red, and the scene they are played in is green without them.

Both break a promise that matters most, each under another count: what nobody can know is said a second time, or is
hidden from the head. Both show in the scene that takes least of those in which a platform does something wrong:
answers are lost, on a platform that knows a key and on one that does not, and no lease has to run out. One worker is
enough for it, and the three plays go on side by side. `make chaos PLANT=all` plays all plants, in all their scenes."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos import scenes
from tests.chaos.plants import PLANTS
from tests.chaos.run import run
from tests.chaos.verdict import Verdict

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

PLANTED = ("repeats_the_unknown", "missed_list_hides_doubt")


async def _play(folder: Path, plant: str | None) -> Verdict:
    scene = replace(scenes.lost_answers(), workers=1)
    return await run(scene, database="sqlite", folder=folder / (plant or "sound"), plant=plant)


async def test_a_planted_bug_turns_the_verdict_red_and_without_it_the_scene_is_green(tmp_path: Path) -> None:
    assert {PLANTS[name].scene for name in PLANTED} == {scenes.lost_answers}
    async with asyncio.TaskGroup() as group:
        plays = {name: group.create_task(_play(tmp_path, name)) for name in (None, *PLANTED)}
    verdicts = {name: play.result() for name, play in plays.items()}
    assert verdicts[None].findings == []
    assert verdicts[None].uncertain == 4, "answers were lost where no key is known"
    for name in PLANTED:
        assert verdicts[name].count(PLANTS[name].fault) > 0, name
