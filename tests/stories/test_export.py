"""A campaign as a sheet: both formats, both languages, no formula in any cell."""

import csv
import io

import httpx
import openpyxl
import pytest

from tests.world import World


@pytest.fixture
async def told(world: World) -> tuple[World, str]:
    """Four groups, named by people who know spreadsheets; one is done, the others are missed."""
    await world.account("bot")
    leader = {"leader": "+cmd|' /C calc'!A0", "leader_contact": "telegram:5001", "platform": "manual"}
    for name, branch in (("=1+1", "East/Shanghai"), ("@SUM(A1)", "East"), ("-2", "East"), ("群三", "West")):
        await world.groups({"group": f"'{name}" if name[0] in "=@-" else name, "branch": branch, **leader})
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    relays = await world.relays(campaign)
    await world.presses(await world.link("5001"), "done", relays["群三"]["id"])
    await world.forward(minutes=70, step=300)
    return world, campaign


async def sheet(world: World, campaign: str, **asked: str) -> httpx.Response:
    answer = await world.api.get(f"/api/v1/campaigns/{campaign}/export", params=asked)
    assert answer.status_code == 200, answer.text
    return answer


def rows(answer: httpx.Response) -> list[list[str]]:
    if answer.headers["content-type"].startswith("text/csv"):
        assert answer.content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    cells = [cell for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}  # "f" would be a formula
    return [["" if value is None else str(value) for value in row] for row in page.iter_rows(values_only=True)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_no_cell_is_a_formula_in_either_format(told: tuple[World, str], form: str) -> None:
    world, campaign = told
    answer = await sheet(world, campaign, format=form, lang="en")
    assert f'filename="muster-relays-{campaign}.{form}"' in answer.headers["content-disposition"]
    head, *lines = rows(answer)
    assert head[:6] == ["group", "platform", "branch", "state", "reason", "route"]
    assert sorted(line[0] for line in lines) == ["'-2", "'=1+1", "'@SUM(A1)", "群三"]
    assert {line[6] for line in lines} == {"'+cmd|' /C calc'!A0"}
    assert {cell[:1] for line in lines for cell in line} & set("=+-@\t\r") == set()


async def test_a_head_reads_it_in_chinese_and_by_his_own_clock(told: tuple[World, str]) -> None:
    world, campaign = told
    head, *lines = rows(await sheet(world, campaign))
    assert head[:4] == ["群名称", "平台", "分支", "状态"]
    [done] = [line for line in lines if line[0] == "群三"]
    named = dict(zip(head, done, strict=True))
    assert (named["状态"], named["发送方"], named["迟到"], named["凭据"]) == ("已转发", "负责人", "否", "本人确认")
    assert named["截止时间（UTC）"] == "2026-03-02 10:00:00"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_was_missed_and_the_tree_are_sheets_too(told: tuple[World, str], form: str) -> None:
    world, campaign = told
    head, *missing = rows(await sheet(world, campaign, what="missed", format=form, lang="en"))
    assert len(missing) == 3
    assert {line[head.index("state")] for line in missing} == {"missed"}
    assert all(int(line[head.index("nudges")]) >= 1 for line in missing)
    head, *branches = rows(await sheet(world, campaign, what="tree", format=form, lang="en"))
    counts = {line[0]: (line[1], line[head.index("relayed")], line[head.index("missed")]) for line in branches}
    assert counts == {"East": ("3", "0", "3"), "East/Shanghai": ("1", "0", "1"), "West": ("1", "1", "0")}


async def test_what_cannot_be_exported_is_told(told: tuple[World, str]) -> None:
    world, campaign = told
    problem = await world.call("GET", f"/campaigns/{campaign}/export", params={"format": "pdf"}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/query/format"]
    await world.call("GET", "/campaigns/cmp_00000000000000000000000000/export", status=404)
