"""A sheet that comes again is a diff: who moved, was renamed, got another leader, and who is not named any more."""

from typing import Any

import pytest

from app.core.db import Database
from app.core.errors import Invalid
from app.domain.directory.states import GroupStatus, Vanished
from app.flows.kit import Kit
from tests.builders.directory import bring_in, center, kit_on, sheet
from tests.builders.imports import by_name, some

HEAD = "group,platform,address,branch,leader"
BEFORE = sheet(
    HEAD,
    ["A", "manual", "room-1", "East", "Ann"],
    ["B", "manual", "room-2", "East", "Ann"],
    ["C", "manual", "room-3", "", ""],
    ["D", "manual", "room-4", "West", "Bo"],
)
AFTER = sheet(
    HEAD,
    ["A", "manual", "room-1", "West/North", "Ann"],
    ["B new", "manual", "room-2", "East", "Cy"],
    ["C", "manual", "room-3", "", "Bo"],
)


@pytest.fixture
async def kit(db: Database) -> Kit:
    await center(db)
    kit = kit_on(db)
    await bring_in(kit, BEFORE)
    return kit


def told(report: dict[str, Any], name: str) -> list[tuple[str, str, str]]:
    assert report[f"{name}_count"] == len(report[name])
    return [(each["group"], each["was"], each["now"]) for each in report[name]]


@pytest.mark.parametrize("save", [False, True])
async def test_every_change_is_told_with_what_was_before(kit: Kit, save: bool) -> None:
    report = await bring_in(kit, AFTER, save=save)
    assert some(report, "create", "update", "unchanged") == (0, 3, 0)
    assert told(report, "moved") == [("A", "East", "West/North")]
    assert told(report, "renamed") == [("B", "B", "B new")]
    assert told(report, "leader_changed") == [("B", "Ann", "Cy"), ("C", "", "Bo")]
    assert [(each["group"], each["branch"], each["was"]) for each in report["vanished"]] == [("D", "West", "active")]
    again = await bring_in(kit, AFTER, save=save)
    if save:
        assert some(again, "moved_count", "renamed_count", "leader_changed_count", "vanished_count") == (0, 0, 0, 1)
    assert (await by_name(kit))["D"].status is GroupStatus.ACTIVE


async def test_what_a_sheet_has_no_column_for_did_not_change(kit: Kit) -> None:
    report = await bring_in(kit, sheet("group,platform,address", ["A", "manual", "room-1"]))
    assert some(report, "unchanged", "moved_count", "leader_changed_count", "vanished_count") == (1, 0, 0, 3)


@pytest.mark.parametrize(
    ("fate", "stands"), [(Vanished.DORMANT, GroupStatus.DORMANT), (Vanished.ARCHIVE, GroupStatus.ARCHIVED)]
)
async def test_the_groups_it_does_not_name_meet_their_fate_when_it_is_saved(
    kit: Kit, fate: Vanished, stands: GroupStatus
) -> None:
    await bring_in(kit, AFTER, save=False, fate=fate)
    assert (await by_name(kit))["D"].status is GroupStatus.ACTIVE
    report = await bring_in(kit, AFTER, fate=fate)
    assert report["vanished_count"] == 1
    groups = await by_name(kit)
    assert groups["D"].status is stands
    assert "sheet" in groups["D"].status_reason
    assert {groups[name].status for name in ("A", "B new", "C")} == {GroupStatus.ACTIVE}
    back = await bring_in(kit, BEFORE)
    assert back["asleep"] == 1
    assert (await by_name(kit))["D"].status is stands


async def test_a_sheet_with_errors_cannot_tell_whom_it_does_not_name(kit: Kit) -> None:
    wrong = sheet(f"{HEAD},members", ["A", "manual", "room-1", "", "", "1"], ["D", "telegram", "-1004", "", "", "x"])
    report = await bring_in(kit, wrong, partial=True)
    assert some(report, "saved", "vanished", "vanished_count") == (True, [], None)
    with pytest.raises(Invalid) as refused:
        await bring_in(kit, wrong, partial=True, fate=Vanished.ARCHIVE)
    assert refused.value.errors[0].pointer == "/vanished"


async def test_an_empty_sheet_archives_nobody(kit: Kit) -> None:
    with pytest.raises(Invalid):
        await bring_in(kit, sheet(HEAD), fate=Vanished.ARCHIVE)
    assert {group.status for group in (await by_name(kit)).values()} == {GroupStatus.ACTIVE}
