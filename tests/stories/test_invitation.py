"""A group without a leader finds one: candidates by activity, a link with a yes and a no, and the work begins."""

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import httpx

from app.core import ids
from app.domain.inbox import store as inbox
from app.domain.inbox.states import Matter
from tests.world import World

ROBOT = {"User-Agent": "TelegramBot (like TwitterBot)"}
HEAD = ("群名称", "平台", "分支", "负责人", "人数", "活跃度")
ROWS = (
    ("新群", "manual", "East/Shanghai", "", "120", "小林:40；阿杰:95;王芳:300;小林:41"),
    ("W1", "manual", "East/Shanghai", "王芳", "", ""),
    ("W2", "manual", "East/Shanghai", "王芳", "", ""),
    ("L1", "manual", "East/Shanghai", "李强", "", ""),
    ("B1", "manual", "East/Beijing", "赵磊", "", ""),
    ("S1", "manual", "West/Xian", "远方", "", ""),
)


async def directory(world: World, rows: tuple[tuple[str, ...], ...] = ROWS) -> str:
    """Bring the sheet in; answers the id of the group that needs somebody."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows([HEAD, *rows])
    files = {"file": ("groups.csv", sheet.getvalue().encode(), "text/csv")}
    report = await world.call("POST", "/imports", files=files, params={"dry_run": "false"})
    assert report["errors"] == [], report["errors"]
    return str((await world.call("GET", "/groups", params={"q": "新群"}))["items"][0]["id"])


async def invite(world: World, group: str, *, status: int = 201, **body: Any) -> Any:
    return await world.call("POST", f"/groups/{group}/invitations", status=status, json=body)


async def press(world: World, url: str, action: str, **words: str) -> httpx.Response:
    return await world.api.post(httpx.URL(url).path, data={"action": action, **words})


async def said(world: World, group: str) -> list[tuple[str, str, str]]:
    found = await world.call("GET", f"/groups/{group}/invitations")
    return [(each["name"], each["state"], each["reason"]) for each in found["items"]]


async def test_candidates_are_the_active_who_do_not_lead_and_neighbours_with_room(world: World) -> None:
    group = await directory(world)
    found = (await world.call("GET", f"/groups/{group}/candidates"))["items"]
    members = [(each["name"], each["activity"]) for each in found if each["kind"] == "member"]
    assert members == [("阿杰", 95), ("小林", 41)]
    leaders = [(each["name"], each["groups"], each["near"]) for each in found if each["kind"] == "leader"]
    assert leaders == [("李强", 1, True), ("王芳", 2, True), ("赵磊", 1, False)]
    await world.call("GET", "/groups/grp_00000000000000000000000000/candidates", status=404)


async def test_whoever_writes_in_the_group_is_a_candidate_too(world: World) -> None:
    group = await directory(world)
    account = await world.account("bot")
    found = (await world.call("GET", f"/groups/{group}/candidates"))["items"]
    leader = next(each["leader_id"] for each in found if each["name"] == "王芳")
    written = [("700", None, 1)] * 3 + [("701", None, 1)] * 5 + [("702", leader, 1)] + [("703", None, 40)] * 9
    center = (await world.call("GET", "/center"))["id"]
    async with world.kit.db.write() as tx:
        said = {"center_id": center, "account_id": account, "platform": "telegram", "matter": Matter.SAID}
        said |= {"address_keys": [], **dict.fromkeys(("moved_to", "code", "text", "message_id", "reply_to"), "")}
        said |= {"delivery_id": "", "said_at": None, "due_at": tx.now, "handled_at": tx.now, "group_id": group}
        for number, (person, whose, days) in enumerate(written):
            row = {"id": ids.new("inb"), "event_key": str(number), "person": person, "leader_id": whose}
            await inbox.keep(tx, [{**said, **row, "received_at": tx.now - timedelta(days=days)}])
    found = (await world.call("GET", f"/groups/{group}/candidates"))["items"]
    words = [(each["kind"], each["name"], each["words"]) for each in found]
    assert words[:2] == [("member", "阿杰", None), ("member", "小林", None)]
    assert words[2:4] == [("speaker", "telegram:701", 5), ("speaker", "telegram:700", 3)]
    assert words[4:] == [("leader", "王芳", 1), ("leader", "李强", None), ("leader", "赵磊", None)]


async def test_whoever_says_yes_leads_the_group_from_then_on(world: World) -> None:
    group = await directory(world)
    await world.account("bot")
    made = await invite(world, group, name="阿杰", contact="telegram:5009")
    path = httpx.URL(made["url"]).path
    for method in ("GET", "HEAD"):
        assert (await world.api.request(method, path, headers=ROBOT)).status_code == 200
    assert await said(world, group) == [("阿杰", "open", "")]
    page = await world.api.get(path)
    assert "想请你来负责“新群”" in page.text
    english = (await world.api.get(path, params={"lang": "en"})).text
    assert "would you look after “新群”?" in english
    answer = await press(world, made["url"], "accept", lang="zh")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?lang=zh")
    assert "现在由你负责" in (await world.api.get(answer.headers["location"])).text
    await press(world, made["url"], "decline")
    await press(world, made["url"], "accept")
    assert await said(world, group) == [("阿杰", "accepted", "")]
    people = (await world.call("GET", "/leaders", params={"q": "阿杰"}))["items"]
    assert [(person["contact"], person["language"]) for person in people] == [("telegram:5009", "zh")]
    await world.launch(audience={"groups": [group]})
    await world.forward(seconds=5, step=1)
    [letter] = await world.letters("5009")
    assert "新群" in letter


async def test_a_yes_said_five_times_at_once_is_said_once(world: World) -> None:
    group = await directory(world)
    made = await invite(world, group, name="阿杰")
    answers = await asyncio.gather(*(press(world, made["url"], "accept") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert len((await world.call("GET", "/assignments", params={"group": group}))["items"]) == 1
    log = (await world.call("GET", "/audit"))["items"]
    assert len([entry for entry in log if entry["action"] == "invitation.accepted"]) == 1


async def test_no_is_kept_with_its_reason_and_the_next_one_is_asked(world: World) -> None:
    group = await directory(world)
    made = await invite(world, group, name="阿杰")
    answer = await press(world, made["url"], "decline", reason=" 最近太忙 ", lang="en")
    assert answer.status_code == 303
    assert "They have been told" in (await world.api.get(answer.headers["location"])).text
    assert await said(world, group) == [("阿杰", "declined", "最近太忙")]
    assert (await world.call("GET", "/leaders", params={"q": "阿杰"}))["items"] == []
    neighbour = await invite(world, group, name="李强", rank=1)
    assert neighbour["leader_id"]
    await press(world, neighbour["url"], "accept")
    assignments = await world.call("GET", "/assignments", params={"group": group})
    assert [(one["leader_id"], one["rank"]) for one in assignments["items"]] == [(neighbour["leader_id"], 1)]
    assert (await invite(world, group, status=409, name="李强"))["code"] == "already_assigned"
    other = await invite(world, group, status=409, name="王芳", contact="telegram:77")
    assert other["code"] == "name_taken"


async def test_a_link_that_is_taken_back_old_or_forged_opens_nothing(world: World) -> None:
    group = await directory(world)
    back, old = [await invite(world, group, name=name) for name in ("甲", "乙")]
    answer = await world.api.delete(f"/api/v1/invitations/{back['id']}")
    assert answer.status_code == 204
    await world.forward(minutes=60 * 24 * 15, step=60 * 60 * 24 * 5)
    for url in (back["url"], old["url"], old["url"][:-1] + "~", "http://x/i/nobody"):
        assert (await world.api.get(httpx.URL(url).path)).status_code == 404
        assert (await press(world, url, "accept")).status_code == 404
    assert {state for _, state, _ in await said(world, group)} == {"open", "withdrawn"}
    assert (await world.call("GET", "/leaders", params={"q": "甲"}))["items"] == []


async def test_other_websites_and_wrong_words_are_refused(world: World) -> None:
    group = await directory(world)
    made = await invite(world, group, name="<script>alert(1)</script>")
    path = httpx.URL(made["url"]).path
    assert "<script>alert" not in (await world.api.get(path)).text
    foreign = await world.api.post(path, data={"action": "accept"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await press(world, made["url"], "perhaps")).status_code == 422
    assert (await world.api.get(f"{path}，请看一下")).status_code == 200
    assert [state for _, state, _ in await said(world, group)] == ["open"]


async def test_activity_that_cannot_be_read_is_a_flaw_of_its_cell(world: World) -> None:
    sheet = "group,platform,activity\na,manual,x\nb,manual,x:y\nc,manual,x:1;y：2\n"
    files = {"file": ("groups.csv", sheet.encode(), "text/csv")}
    report = await world.call("POST", "/imports", files=files)
    assert [(flaw["row"], flaw["code"]) for flaw in report["errors"]] == [(2, "bad_activity"), (3, "bad_activity")]
