"""A campaign is drafted, looked at and launched on pages alone, without JavaScript."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import col, select

from app.channels.registry import channels
from app.core.db import Database
from app.domain.access.states import Role
from app.domain.campaigns.states import State
from app.domain.campaigns.tables import Campaign
from app.domain.directory.service import audiences
from app.domain.directory.tables import Group
from app.flows.foresee import LaneForecast
from app.flows.kit import Kit
from app.flows.preview_script import measured
from app.web.gantt import gantt
from tests.builders.board import Operator, key_of
from tests.builders.drafting import furnished
from tests.builders.relays import Handed
from tests.conftest import T0

BODY = "【通知】周六停水，请提前储水。"
GOOD = {"key": "once", "title": "停水通知", "body": BODY, "minutes": "90"}


@pytest.fixture
async def world(db: Database) -> Handed:
    return await furnished(db)


@pytest.fixture
async def operator(client: httpx.AsyncClient, world: Handed) -> Operator:
    found = Operator(client)
    await found.sign_in(await key_of(world.db, world.center_id, Role.OPERATOR))
    return found


async def drafts(db: Database) -> list[Campaign]:
    async with db.read() as tx:
        return await tx.all(select(Campaign).where(Campaign.state != State.RUNNING))


async def test_two_taps_on_save_make_one_draft(operator: Operator, db: Database) -> None:
    answers = [await operator.press("/campaigns", **GOOD) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    (made,) = await drafts(db)
    assert (made.texts, made.relay_minutes, made.state) == ({"": BODY}, 90, State.DRAFT)
    assert [step["action"] for step in made.escalation] == ["remind", "remind", "deputy", "head"]
    changed = await operator.press("/campaigns", **{**GOOD, "title": "另一件事"})
    assert changed.status_code == 422
    assert 'value="once"' not in changed.text
    assert "已经存成一份草稿" in changed.text


@pytest.mark.parametrize(
    ("given", "field", "phrase"),
    [
        ({"title": ""}, "title", "这里要填"),
        ({"title": "x\x07"}, "title", "控制字符"),
        ({"body": ""}, "body", "这里要填"),
        ({"minutes": "soon"}, "minutes", "分钟数"),
        ({"minutes": "nan"}, "minutes", "分钟数"),
        ({"when": "at", "send_at": ""}, "send_at", "日期和时间"),
        ({"when": "at", "send_at": "2001-01-01T10:00"}, "send_at", "已经过了"),
        ({"when": "at", "send_at": "2030-03-31T02:30", "zone": "Europe/Berlin"}, "send_at", "不存在"),
        ({"route": "pigeon"}, "route", "从列表里选"),
        ({"policy": "own", "percent_0": "50", "action_0": "bot"}, "percent_0", "最后手段"),
        ({"policy": "own", "percent_1": "-1", "action_1": "remind"}, "percent_1", "1 到 1000"),
        ({"script": "nothing-like-it"}, "script", "从列表里选"),
        ({"script": "welcome"}, "var_community", "这里要填"),
        ({"script": "welcome", "var_rules_url": "rules"}, "var_rules_url", "https://"),
        ({"branches": "brn_none"}, "audience", "重新选择"),
        ({"window": "-1"}, "window", "44640"),
        ({"min_gap": "9", "max_gap": "2"}, "max_gap", "还短"),
        ({"min_gap": "inf"}, "min_gap", "86400"),
        ({"proof": "12.5"}, "proof", "0 到 100"),
        ({"format": "html"}, "format", "从列表里选"),
        ({"saved": "aud_none"}, "saved", "不在了"),
        ({"saved": "aud_none", "tags": "x"}, "saved", "只留一种"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    operator: Operator, db: Database, given: dict[str, str], field: str, phrase: str
) -> None:
    answer = await operator.press("/campaigns", **{**GOOD, **given})
    assert answer.status_code == 422
    beside = re.findall(rf'id="wrong-{field}">([^<]*)<', answer.text)
    assert [phrase in said for said in beside] == [True], answer.text
    assert await drafts(db) == []


async def test_a_scheduled_draft_is_timed_in_the_zone_of_its_form(operator: Operator, db: Database) -> None:
    timed = {"when": "at", "send_at": "2036-07-01T09:00", "zone": "Europe/Berlin", "priority": "incident"}
    own = {"policy": "own", "percent_0": "60", "action_0": "remind", "percent_3": "120", "action_3": "bot"}
    assert (await operator.press("/campaigns", **{**GOOD, **timed, **own})).status_code == 303
    (made,) = await drafts(db)
    assert made.send_at == datetime(2036, 7, 1, 7, tzinfo=UTC)
    assert made.escalation == [{"at_percent": 60, "action": "remind"}, {"at_percent": 120, "action": "bot"}]


async def test_every_further_field_reaches_the_draft_and_comes_back_as_written(
    operator: Operator, world: Handed, db: Database
) -> None:
    async with db.read() as tx:
        ids = [group.id for group in await tx.all(select(Group).order_by(col(Group.name)))]
    fields = {
        "window": "30",
        "min_gap": "1",
        "max_gap": "2.5",
        "proof": "20",
        "format": "markdown",
        "mention_all": "on",
    }
    chosen = {"whole": "on", "groups": ids[0], "exclude": ids[1], "approval": "on", "find": "群"}
    page = (await operator.press("/campaigns/new/preview", **{**GOOD, **fields, **chosen, "title": ""})).text
    assert re.findall(r'name="(groups|exclude)" value="(\w+)"[^>]* checked', page) == [
        ("groups", ids[0]),
        ("exclude", ids[1]),
    ]
    assert page.count('name="groups"') == 3
    assert [f'name="{name}" type="number"' in page for name in ("window", "proof")] == [True, True]
    assert page.count('<details class="further" open>') == 4
    assert (await operator.press("/campaigns", **{**GOOD, **fields, **chosen})).status_code == 303
    (made,) = await drafts(db)
    assert (made.window_minutes, made.min_gap_s, made.max_gap_s, made.proof_percent) == (30, 1, 2.5, 20)
    assert (made.format, made.mention_all, made.split, made.needs_approval) == ("markdown", True, False, True)
    assert made.audience == {"branches": [], "tags": [], "groups": [ids[0]], "exclude": [ids[1]]}


@pytest.mark.parametrize(("proof", "share"), [("0", 100), ("30", 30)])
async def test_a_code_is_the_proof_where_it_is_ticked(operator: Operator, db: Database, proof: str, share: int) -> None:
    assert (await operator.press("/campaigns", **{**GOOD, "code": "on", "proof": proof})).status_code == 303
    (made,) = await drafts(db)
    assert (made.proof, made.proof_percent) == ("code", share)


async def test_a_saved_audience_is_counted_and_used_as_it_stands(
    operator: Operator, world: Handed, db: Database
) -> None:
    async with db.write() as tx:
        group = (await tx.all(select(Group)))[0]
        lists = {"branches": [], "tags": [], "groups": [group.id], "exclude": []}
        kept = await audiences.create(tx, world.center_id, name="家长", lists=lists, actor="test")
    page = (await operator.press("/campaigns/new/preview", **{**GOOD, "saved": kept.id})).text
    assert "共 1 个群" in page
    assert (await operator.press("/campaigns", **{**GOOD, "saved": kept.id})).status_code == 303
    (made,) = await drafts(db)
    assert made.audience == lists


async def test_a_preview_counts_and_saves_nothing(operator: Operator, world: Handed, kit: Kit) -> None:
    before = await world.everything()
    page = await operator.press(
        "/campaigns/new/preview", **{**GOOD, "script": "welcome", "var_community": "<b>晨读</b>"}
    )
    assert page.status_code == 200
    assert "共 3 个群" in page.text
    assert "<bdi>朝阳</bdi> <small>3</small>" in page.text
    assert "欢迎新朋友加入&lt;b&gt;晨读&lt;/b&gt;" in page.text
    assert 'value="&lt;b&gt;晨读&lt;/b&gt;"' in page.text
    assert await world.everything() == before


async def test_a_launch_needs_the_number_it_reaches(operator: Operator, db: Database) -> None:
    where = (await operator.press("/campaigns", **GOOD)).headers["location"].partition("?")[0]
    page = await operator.page(where)
    assert "共 3 个群" in page
    launch = where.replace("/preflight", "/launch")
    assert "数字不对" in (await operator.press(launch, groups="4")).text
    assert [one.state for one in await drafts(db)] == [State.DRAFT]
    board = where.removesuffix("/preflight")
    for said in ("?said=launched", ""):
        answer = await operator.press(launch, groups="3")
        assert (answer.status_code, answer.headers["location"]) == (303, board + said)
    assert await drafts(db) == []
    assert (await operator.look(where)).headers["location"] == board


async def test_a_draft_that_cannot_launch_says_why_and_offers_no_launch(operator: Operator) -> None:
    where = (await operator.press("/campaigns", **{**GOOD, "tags": "没有这个"})).headers["location"].partition("?")[0]
    page = await operator.page(where)
    assert "受众里没有可用的群" in page
    assert "/launch" not in page
    answer = await operator.press(where.replace("/preflight", "/launch"), groups="0")
    assert answer.status_code == 422


async def test_the_library_is_searched_and_read(operator: Operator, kit: Kit) -> None:
    every = await operator.page("/scripts")
    assert every.count('<article class="campaign">') == 13
    found = await operator.page("/scripts?q=welcome&category=welcome")
    assert re.findall(r'href="/scripts/([a-z-]+)"', found) == ["welcome"]
    page = await operator.page("/scripts/welcome")
    assert "欢迎新朋友加入「晨读会」" in page
    assert "/campaigns/new?script=welcome" in page
    assert 'name="var_community"' in await operator.page("/campaigns/new?script=welcome")
    for path in ("/scripts/none", "/scripts/welcome?version=9", "/scripts/UPPER"):
        assert (await operator.look(path)).status_code == 404, path
    for path in ("/scripts/welcome?version=x", "/scripts?cursor=%00"):
        assert (await operator.look(path)).status_code == 422, path


async def test_lengths_are_measured_as_each_platform_does() -> None:
    long = measured("字" * 700, channels(), platform="wecom", language="")
    assert (long.size, long.limit, long.fits) == (2_100, 2_048, False)


def test_lanes_are_drawn_on_one_scale_and_never_beyond_it() -> None:
    def lane(name: str, first: int, last: int) -> LaneForecast:
        begins, ends = T0 + timedelta(minutes=first), T0 + timedelta(minutes=last)
        return LaneForecast(name, 1, begins, ends, "nothing", [(begins, ends)])

    lanes = [lane("a", 0, 5_000), lane("b", 10_000, 10_000), lane("c", 5_000, 10_000)]
    drawn = gantt(lanes, zone=UTC, quiet_zone="UTC")
    assert drawn is not None
    assert {bar.lane.account: list(bar.stretches) for bar in drawn.bars} == {
        "a": [(0, 50)],
        "b": [(99, 1)],
        "c": [(50, 50)],
    }
    assert len(drawn.quiet) == 7
    assert all(0 <= x <= x + width <= 100.01 for x, width in drawn.quiet)
    assert gantt([], zone=UTC, quiet_zone=None) is None
