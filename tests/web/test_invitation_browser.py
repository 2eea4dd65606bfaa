"""An invitation in a real browser on a phone: a yes or a no in one or two taps, with and without JavaScript."""

from pathlib import Path

import pytest
from sqlmodel import select

from app.core.db import Database
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.directory.rules import NO_CONTACT
from app.domain.invitations.tables import Invitation
from app.flows.invite import invite
from tests.builders import relays as build
from tests.builders.relays import Handed
from tests.web.test_relay_browser import OpenPage, phone

__all__ = ["phone"]  # fixtures

pytestmark = pytest.mark.browser


@pytest.fixture
async def path(db: Database, tmp_path: Path, world: Handed) -> str:
    """Where somebody is asked to look after the first group."""
    group = (await world.relay()).group_id
    async with build.kit_on(db, tmp_path, public_url="http://x") as kit:
        caller = Caller(world.center_id, "key_1", "head", Role.OPERATOR)
        made = await invite(kit, caller, group, name="阿杰", contact=NO_CONTACT, rank=0)
    return made.url.removeprefix("http://x")


async def answer(db: Database) -> tuple[str, str]:
    async with db.read() as tx:
        found = await tx.first(select(Invitation))
    assert found is not None
    return found.state.value, found.reason


@pytest.mark.parametrize("javascript", [True, False])
async def test_yes_is_one_tap(phone: OpenPage, db: Database, path: str, javascript: bool) -> None:
    async with phone(f"{path}?lang=zh", javascript=javascript) as page:
        assert (await page.locator("main").bounding_box() or {})["width"] <= 375
        await page.get_by_role("button", name="我愿意").tap()
        await page.get_by_role("heading", name="太好了，谢谢你！").wait_for()
    assert await answer(db) == ("accepted", "")


async def test_no_has_room_for_a_reason(phone: OpenPage, db: Database, path: str) -> None:
    async with phone(f"{path}?lang=en", javascript=False) as page:
        await page.get_by_text("Not this time").tap()
        await page.get_by_label("A reason, if you like").fill("too busy")
        await page.get_by_role("button", name="Tell them").tap()
        await page.get_by_role("heading", name="They have been told").wait_for()
    assert await answer(db) == ("declined", "too busy")
