"""The preflight tells the stretches in which an account posts, without the night between them."""

import dataclasses
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.planning.rules import after_quiet
from app.flows.preflight import preflight
from tests.builders.gallery import gallery
from tests.builders.relays import kit_on

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def test_a_window_that_reaches_into_the_night_is_two_stretches(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(timedelta(hours=-2, minutes=-30))  # the draft begins at 16:30 in Shanghai, for eight hours
    made = await gallery(db, groups=300, keys=("draft",))
    async with kit_on(db, tmp_path) as bare:
        kit = dataclasses.replace(bare, channels=channels(Guard(frozenset())))
        seen = await preflight(kit, Caller(made.center_id, "key_x", "head", Role.OWNER), made.campaigns["draft"])
    assert len(seen.lanes) == 3
    for lane in seen.lanes:
        evening, morning = lane.busy
        assert (evening[0], morning[1]) == (lane.first_at, lane.last_at)
        assert evening[1].astimezone(SHANGHAI).hour < 22
        assert (morning[0].astimezone(SHANGHAI).hour, morning[0] - evening[1] > timedelta(hours=9)) == (8, True)
        assert all(after_quiet(at, "Asia/Shanghai") == at for stretch in lane.busy for at in stretch)
