"""What is wrong with a sheet: named by row and column, and kept out."""

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.errors import Invalid
from app.domain.accounts.tables import Account
from app.domain.directory.tables import ImportRun
from app.flows.kit import Kit
from tests.builders.directory import HEADER, bring_in, center, kit_on, sheet
from tests.builders.imports import HOOK, ROBOT, by_name, count, flaws, some, standing


@pytest.fixture
async def kit(db: Database) -> Kit:
    await center(db)
    return kit_on(db)


async def test_one_error_keeps_everything_out_unless_the_rest_is_asked_for(kit: Kit) -> None:
    content = sheet(
        HEADER,
        ["a", "manual", "", "North", "Ann", "", "", "", "", "", "", ""],
        ["b", "manual", "", "South", "Ben", "", "", "many", "", "Mars", "", ""],
    )
    report = await bring_in(kit, content)
    assert flaws(report) == [(3, "members", "bad_members"), (3, "timezone", "bad_timezone")]
    assert some(report, "saved", "create", "error_count") == (False, 1, 2)
    assert set((await standing(kit)).values()) == {0}
    report = await bring_in(kit, content, partial=True)
    assert some(report, "saved", "create") == (True, 1)
    assert await standing(kit) == {"Account": 0, "Assignment": 1, "Branch": 1, "Group": 1, "GroupTag": 0, "Leader": 1}


async def test_a_wrong_header_saves_nothing_even_in_part(kit: Kit) -> None:
    content = sheet("群名称,平台,wechat", ["a", "manual", "x"])
    report = await bring_in(kit, content, partial=True)
    assert flaws(report) == [(1, "wechat", "unknown_column")]
    assert some(report, "saved", "create", "rows") == (False, 0, 0)
    assert flaws(await bring_in(kit, sheet("群名称", ["a"]))) == [(1, "platform", "missing_column")]
    assert set((await standing(kit)).values()) == {0}


async def test_one_leader_has_one_contact(kit: Kit) -> None:
    header = "group,platform,leader,leader_contact"
    rows = [["a", "manual", "Ann", ""], ["b", "manual", "ann", "telegram:1"], ["c", "manual", "Ann", "telegram:2"]]
    report = await bring_in(kit, sheet(header, *rows))
    assert flaws(report) == [(4, "leader_contact", "contact_differs")]
    assert "Row 3" in report["errors"][0]["message"]
    assert (await bring_in(kit, sheet(header, *rows[:2])))["leaders_created"] == 1


async def test_addresses_and_contacts_must_name_hosts_that_may_be_contacted(db: Database) -> None:
    await center(db)
    kit = kit_on(db, allowed=["127.0.0.1:9"])
    local = "http://127.0.0.1:9/cgi-bin/webhook/send?key=0123abcd-4567-89ab-cdef-0123456789ab"
    report = await bring_in(
        kit,
        sheet(
            "群名称,平台,群地址,负责人,负责人联系方式",
            ["own", "wecom", ROBOT, "", ""],
            ["listed", "wecom", local, "", ""],
            ["foreign", "wecom", ROBOT.replace("qyapi.weixin.qq.com", "evil.example.com"), "", ""],
            ["inside", "webhook", "https://10.0.0.1/x", "", ""],
            ["plain", "webhook", "http://hooks.example.com/x", "", ""],
            ["person", "manual", "", "Ann", "webhook:http://169.254.169.254/latest"],
            ["chat", "telegram", "+86 138", "", ""],
        ),
    )
    assert {(row, column) for row, column, _ in flaws(report)} >= {
        (4, "群地址"), (5, "群地址"), (6, "群地址"), (7, "负责人联系方式"), (8, "群地址"),
    }  # fmt: skip
    assert not any(row in {2, 3} for row, _, _ in flaws(report))
    assert "0123abcd" not in str(report["errors"])


async def account(kit: Kit, name: str, platform: str) -> None:
    async with kit.db.write() as tx:
        told = {"center_id": "cen_1", "name": name, "name_key": name.casefold(), "platform": platform}
        facts = {"secret_hint": "", "status": "active", "status_reason": "", "created_at": tx.now, "updated_at": tx.now}
        await tx.insert(Account, [{"id": f"acc_{name.casefold()}", **told, **facts}])


async def test_the_account_is_the_named_one_or_the_only_one_that_fits(kit: Kit) -> None:
    header = "group,platform,address,account,routes"
    bare = sheet(header, ["a", "telegram", "-1001", "", ""])
    assert flaws(await bring_in(kit, bare)) == [(2, "account", "bad_account")]
    await account(kit, "Bot", "telegram")
    await bring_in(kit, bare)
    assert (await by_name(kit))["a"].account_id == "acc_bot"
    await account(kit, "other", "telegram")
    await account(kit, "desk", "webhook")
    report = await bring_in(
        kit,
        sheet(
            header,
            ["a", "telegram", "-1001", "", ""],
            ["b", "telegram", "-1002", "nobody", ""],
            ["c", "telegram", "-1003", "desk", ""],
            ["d", "telegram", "-1004", "ＢＯＴ", ""],
            ["e", "telegram", "-1005", "", "leader"],
            ["f", "webhook", HOOK, "", ""],
        ),
        partial=True,
    )
    assert flaws(report) == [(row, "account", "bad_account") for row in (2, 3, 4)]
    assert "Bot, other" in report["errors"][0]["message"]
    groups = await by_name(kit)
    assert (groups["d"].account_id, groups["e"].account_id) == ("acc_bot", None)
    async with kit.db.read() as tx:
        made = await tx.first(select(Account).where(Account.name == "webhook"))
    assert made is not None
    assert groups["f"].account_id == made.id


async def test_an_unknown_platform_lists_the_known_ones(kit: Kit) -> None:
    report = await bring_in(kit, sheet("group,platform", ["a", "icq"]))
    assert (2, "platform", "unknown_platform") in flaws(report)
    known = ", ".join(sorted({*kit.channels, "manual"}))
    assert f"known are {known}." in report["errors"][0]["message"]


async def test_a_file_that_is_no_sheet_is_invalid_and_leaves_no_run(kit: Kit) -> None:
    with pytest.raises(Invalid) as refused:
        await bring_in(kit, b"PK\x03\x04nonsense")
    assert (refused.value.code, refused.value.errors[0].pointer) == ("unreadable", "/file")
    assert await count(kit, ImportRun) == 0


async def test_more_errors_than_can_be_listed_are_counted(kit: Kit) -> None:
    report = await bring_in(kit, sheet("group,platform", *(["g", "icq"] for _ in range(1_100))))
    assert len(report["errors"]) == 1_000
    assert report["error_count"] == 1_100
