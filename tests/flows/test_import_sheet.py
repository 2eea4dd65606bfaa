"""A directory sheet comes in: the diff first, all or nothing, twice the same as once."""

import asyncio

import pytest
from sqlmodel import select

from app.core.audit import AuditEntry
from app.core.db import Database
from app.domain.directory.service import imports, whole_address, whole_contact
from app.domain.directory.tables import Group, Leader
from app.flows.kit import Kit
from tests.builders.directory import bring_in, center, kit_on, sheet
from tests.builders.imports import HOOK, ROBOT, TWO, answers, by_name, count, some, standing


@pytest.fixture
async def kit(db: Database) -> Kit:
    await center(db)
    return kit_on(db)


async def test_a_dry_run_tells_everything_and_saves_nothing(kit: Kit) -> None:
    report = await bring_in(kit, TWO, save=False)
    assert some(report, "create", "update", "unchanged", "errors", "merged") == (3, 0, 0, [], [])
    assert some(report, "branches_created", "leaders_created", "accounts_created") == (2, 4, 2)
    assert some(report, "dry_run", "saved", "rows", "encoding") == (True, False, 3, "utf-8")
    assert set((await standing(kit)).values()) == {0}
    async with kit.db.read() as tx:
        assert (await imports.one(tx, "cen_1", report["import_id"]))["create"] == 3


async def test_what_the_dry_run_foretold_is_what_happens(kit: Kit) -> None:
    foretold = await bring_in(kit, TWO, save=False)
    done = await bring_in(kit, TWO)
    told = {"dry_run", "saved", "import_id"}
    assert {name: each for name, each in done.items() if name not in told} == {
        name: each for name, each in foretold.items() if name not in told
    }
    assert await standing(kit) == {
        "Account": 2, "Assignment": 5, "Branch": 2, "Group": 3, "GroupTag": 2, "Leader": 4,
    }  # fmt: skip
    groups = await by_name(kit)
    assert whole_address(kit.vault, groups["上海一群"]) == (ROBOT, {})
    assert groups["上海一群"].address.endswith("…89ab")
    assert [groups[name].routes for name in ("上海一群", "Desk", "三班家长群")] == [
        ["bot", "leader"],
        ["bot"],
        ["leader"],
    ]
    assert (groups["三班家长群"].platform, groups["三班家长群"].account_id) == ("manual", None)
    assert await answers(kit, groups["上海一群"]) == ["王芳", "李强", "赵磊"]
    async with kit.db.read() as tx:
        people = {person.name: person for person in await tx.all(select(Leader))}
        assert [entry.action for entry in await tx.all(select(AuditEntry))][-1] == "import.save"
    assert (people["Ann"].contact_kind, people["李强"].contact_kind) == ("webhook", "none")
    assert "private" not in people["Ann"].contact
    assert whole_contact(kit.vault, people["Ann"]).endswith("ann-private")


async def test_the_same_sheet_twice_changes_nothing(kit: Kit) -> None:
    await bring_in(kit, TWO)
    before = await standing(kit), {name: group.updated_at for name, group in (await by_name(kit)).items()}
    for save in (False, True):
        report = await bring_in(kit, TWO, save=save)
        assert some(report, "create", "update", "unchanged") == (0, 0, 3)
        assert some(report, "branches_created", "leaders_created", "leaders_updated", "accounts_created")[:3] == (
            0,
            0,
            0,
        )
    assert (await standing(kit), {name: group.updated_at for name, group in (await by_name(kit)).items()}) == before


async def test_a_changed_row_updates_its_group_and_no_other(kit: Kit) -> None:
    await bring_in(kit, TWO)
    changed = (
        TWO.decode().replace("Desk,", "Front desk,").replace("李强;赵磊", "赵磊").replace("telegram:17", "telegram:18")
    )
    report = await bring_in(kit, changed.encode())
    assert some(report, "create", "update", "unchanged", "leaders_updated") == (0, 2, 1, 1)
    groups = await by_name(kit)
    assert "Front desk" in groups
    assert await answers(kit, groups["上海一群"]) == ["王芳", "赵磊"]
    assert groups["上海一群"].address.endswith("…89ab")


async def test_what_the_sheet_has_no_column_for_stays(kit: Kit) -> None:
    await bring_in(kit, TWO)
    report = await bring_in(kit, sheet("group,platform,address,members", ["上海一群", "wecom", ROBOT, "121"]))
    assert some(report, "create", "update") == (0, 1)
    group = (await by_name(kit))["上海一群"]
    assert (group.members, group.tags, group.timezone) == (121, ["VIP", "new"], "Asia/Shanghai")
    assert whole_address(kit.vault, group) == (ROBOT, {})
    assert await answers(kit, group) == ["王芳", "李强", "赵磊"]
    blank = await bring_in(kit, sheet("group,platform,address,leader,tags", ["上海一群", "wecom", ROBOT, "", ""]))
    assert blank["update"] == 1
    group = (await by_name(kit))["上海一群"]
    assert group.tags == []
    assert await answers(kit, group) == ["李强", "赵磊"]


async def test_a_groups_own_secret_goes_in_and_stays_when_the_cell_is_blank(kit: Kit) -> None:
    header = "group,platform,address,secret"
    await bring_in(kit, sheet(header, ["Desk", "webhook", HOOK, "whsec_1"]))
    report = await bring_in(kit, sheet(header, ["Desk", "webhook", HOOK, ""]))
    assert report["unchanged"] == 1
    assert whole_address(kit.vault, (await by_name(kit))["Desk"]) == (HOOK, {"secret": "whsec_1"})
    assert (await bring_in(kit, sheet(header, ["Desk", "webhook", HOOK, "whsec_1"])))["unchanged"] == 1
    assert (await bring_in(kit, sheet(header, ["Desk", "webhook", HOOK, "whsec_2"])))["update"] == 1
    assert whole_address(kit.vault, (await by_name(kit))["Desk"]) == (HOOK, {"secret": "whsec_2"})


async def test_a_group_listed_twice_is_one_group_and_reported(kit: Kit) -> None:
    content = sheet(
        "group,platform,address,leader,deputies,tags,members",
        ["A", "webhook", HOOK, "Ann", "Ben", "x", ""],
        ["B", "manual", "", "Cid", "", "", ""],
        ["A again", "webhook", "HTTPS://Hooks.Example.com:443/a", "Dan", "Ann", "y;X", "7"],
        ["Ｂ", "manual", "", "", "", "", ""],
    )
    for save in (False, True):
        report = await bring_in(kit, content, save=save)
        assert report["create"] == 2
        assert report["merged"] == [
            {"row": 4, "into_row": 2, "group": "A again"},
            {"row": 5, "into_row": 3, "group": "Ｂ"},
        ]
    groups = await by_name(kit)
    assert sorted(groups) == ["A", "B"]
    assert (sorted(groups["A"].tags), groups["A"].members) == (["x", "y"], 7)
    assert await answers(kit, groups["A"]) == ["Ann", "Ben", "Dan"]
    assert (await bring_in(kit, content))["unchanged"] == 2


async def test_another_center_is_neither_seen_nor_touched(kit: Kit) -> None:
    await center(kit.db, "cen_2")
    await bring_in(kit, TWO)
    report = await bring_in(kit, TWO, center_id="cen_2")
    assert some(report, "create", "leaders_created", "branches_created") == (3, 4, 2)
    assert await count(kit, Group) == 6


async def test_two_imports_at_once_make_each_group_once(kit: Kit) -> None:
    reports = await asyncio.gather(*(bring_in(kit, TWO) for _ in range(4)))
    assert sorted(report["create"] for report in reports) == [0, 0, 0, 3]
    assert (await standing(kit))["Group"] == 3


async def test_an_import_that_is_cut_off_stands_whole_or_not_at_all(kit: Kit) -> None:
    """Cut off in its COMMIT it may have come through: then everything of it stands."""
    rows = [[f"g{number}", "manual", f"Leader {number}"] for number in range(5_000)]
    whole = {"Group": 5_000, "Leader": 5_000, "Assignment": 5_000}
    for wait in (0.05, 0.2, 0.35, 0.5):
        task = asyncio.create_task(bring_in(kit, sheet("group,platform,leader", *rows)))
        await asyncio.sleep(wait)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        stands = await standing(kit)
        assert {name: stands[name] for name in whole} in (dict.fromkeys(whole, 0), whole)
