"""The directory's pages: found, changed, imported and refused, as forms without JavaScript."""

import re

import httpx
import pytest

from app.channels.registry import channels
from app.core.db import Database
from app.domain.access.states import Role
from app.flows.kit import Kit
from tests.builders.board import HTML, Operator, key_of
from tests.builders.directory import HEADER, bring_in, center, sheet
from tests.builders.imports import TWO

SHEET = sheet(HEADER, ["新群", "微信", "", "East/Shanghai", "王芳", "", "", "", "", "", "", ""])
FLAWED = sheet(
    HEADER,
    ["好群", "微信", "", "", "", "", "", "", "", "", "", ""],
    ["", "smoke", "", "", "", "", "", "many", "", "Mars", "", ""],
)


@pytest.fixture
def kit(kit: Kit) -> Kit:
    return Kit(**{**kit.__dict__, "channels": channels()})


@pytest.fixture
async def desk(client: httpx.AsyncClient, db: Database, kit: Kit) -> Operator:
    """An operator of a center with three groups, two leaders and two branches."""
    await center(db)
    await bring_in(kit, TWO)
    return await at(client, db, Role.OPERATOR)


async def at(client: httpx.AsyncClient, db: Database, role: Role, center_id: str = "cen_1") -> Operator:
    operator = Operator(client)
    await operator.sign_in(await key_of(db, center_id, role))
    return operator


async def found(desk: Operator, path: str, name: str) -> str:
    """The path of what a list calls by this name."""
    page = await desk.page(path)
    match = re.search(rf'href="([^"?]+)"[^>]*><bdi>{re.escape(name)}</bdi>', page)
    assert match, f"{name} is not on {path}"
    return match[1]


async def upload(desk: Operator, content: bytes) -> httpx.Response:
    files = {"file": ("groups.csv", content, "text/csv")}
    return await desk.client.post("/imports", data={"form_token": desk.form_token}, files=files, headers=HTML)


def hidden(page: str, name: str) -> str:
    match = re.search(rf'name="{name}"[^>]* value="([^"]+)"', page)
    assert match, f"no field {name}"
    return match[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"上海一群", "Desk", "三班家长群"}),
        ("q=desk", {"Desk"}),
        ("platform=manual", {"三班家长群"}),
        ("tag=vip", {"上海一群"}),
        ("status=archived", set()),
        ("status=nonsense&branch=&q=%00", {"上海一群", "Desk", "三班家长群"}),
        ("branch=brn_unknown", set()),
    ],
)
async def test_groups_are_found_by_every_filter(desk: Operator, query: str, names: set[str]) -> None:
    page = await desk.page(f"/groups?{query}")
    assert {name for name in ("上海一群", "Desk", "三班家长群") if f"<bdi>{name}</bdi></a>" in page} == names


async def test_a_group_is_changed_and_a_wrong_field_says_so_beside_itself(desk: Operator) -> None:
    path = await found(desk, "/groups", "三班家长群")
    good = {"name": "四班家长群", "branch": "East", "tags": "甲，乙", "status": "dormant"}
    assert (await desk.press(path, **good)).headers["location"] == f"{path}?said=group_kept"
    page = await desk.page(path)
    assert all(text in page for text in ("四班家长群", 'value="East"', 'value="甲, 乙"', "休眠"))
    refused = await desk.press(path, **good | {"branch": "West/Nowhere", "timezone": "Mars", "name": "五班"})
    assert refused.status_code == 422
    assert 'aria-describedby="hint-timezone wrong-timezone"' in refused.text
    assert 'value="五班"' in refused.text
    assert "四班家长群" in await desk.page(path)


async def test_who_answers_is_named_put_first_and_removed(desk: Operator) -> None:
    path = await found(desk, "/groups", "三班家长群")
    assert "没有叫这个名字的负责人" in (await desk.press(f"{path}/people", leader="Nobody")).text
    assert (await desk.press(f"{path}/people", leader="ann")).status_code == 303
    assert "他已经负责这里了" in (await desk.press(f"{path}/people", leader="Ann")).text
    page = await desk.page(path)
    assert page.index("王芳</bdi>") < page.index("Ann</bdi>")
    second = re.findall(r'action="(/assignments/[^"]+)/first"', page)[0]
    assert (await desk.press(f"{second}/first")).headers["location"].startswith(path)
    page = await desk.page(path)
    assert page.index("Ann</bdi>") < page.index("王芳</bdi>")
    assert "Ann" in await desk.page(f"{second}/ask/remove")
    await desk.press(f"{second}/remove")
    assert "Ann</bdi>" not in await desk.page(path)


async def test_a_sheet_is_looked_at_then_saved_once(desk: Operator, kit: Kit) -> None:
    looked = await upload(desk, SHEET)
    assert looked.status_code == 200
    assert "新增 1 个群" in looked.text
    assert "<bdi>新群</bdi>" not in await desk.page("/groups")
    word = hidden(looked.text, "word")
    kept = list((kit.settings.data_dir / "sheets").iterdir())
    assert len(kept) == 1
    assert "新群".encode() not in kept[0].read_bytes()
    saved = await desk.press("/imports/save", word=word, filename="groups.csv")
    assert "表格已保存" in await desk.page(saved.headers["location"])
    assert "<bdi>新群</bdi>" in await desk.page("/groups")
    assert list((kit.settings.data_dir / "sheets").iterdir()) == []
    again = await desk.press("/imports/save", word=word, filename="groups.csv")
    assert (again.status_code, "请重新上传" in again.text) == (422, True)


async def test_errors_stand_by_row_and_column_and_can_be_left_out(desk: Operator) -> None:
    looked = await upload(desk, FLAWED)
    assert looked.status_code == 422
    for words in ("不认识这个平台", "人数要写数字", "时区写法不对", "跳过有错的行"):
        assert words in looked.text
    refused = await desk.press("/imports/save", word=hidden(looked.text, "word"))
    assert refused.status_code == 422
    saved = await desk.press("/imports/save", word=hidden(looked.text, "word"), partial="true")
    assert saved.status_code == 303
    assert "<bdi>好群</bdi>" in await desk.page("/groups")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken"])
async def test_what_is_no_sheet_is_refused_beside_the_field(desk: Operator, content: bytes) -> None:
    refused = await upload(desk, content)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert (await desk.press("/imports")).status_code == 422


async def test_a_kept_sheet_opens_for_its_center_only_and_not_for_ever(
    desk: Operator, client: httpx.AsyncClient, db: Database, kit: Kit
) -> None:
    word = hidden((await upload(desk, SHEET)).text, "word")
    await center(db, "cen_2")
    stranger = await at(client, db, Role.OPERATOR, "cen_2")
    assert (await stranger.press("/imports/save", word=word)).status_code == 422
    assert "<bdi>新群</bdi>" not in await stranger.page("/groups")


async def test_a_leader_is_made_changed_given_a_code_and_leaves(desk: Operator) -> None:
    refused = await desk.press("/leaders", name="", contact="pigeon:7")
    assert refused.status_code == 422
    assert all(f'id="wrong-{name}"' in refused.text for name in ("name", "contact"))
    assert 'id="wrong-name"' in (await desk.press("/leaders", name="王芳")).text
    made = await desk.press("/leaders", name="赵云", contact="telegram:42", language="zh")
    path = made.headers["location"].partition("?")[0]
    await desk.press(path, name="赵子龙", contact="telegram:43", language="")
    assert "telegram:43" in await desk.page(path)
    assert "赵子龙" in await desk.page("/leaders?q=子龙")
    code = await desk.press(f"{path}/code")
    assert re.search(r'<output class="secret"[^>]*>\w', code.text)
    assert "赵子龙" in await desk.page(f"{path}/ask/leave")
    await desk.press(f"{path}/leave")
    assert "赵子龙" not in await desk.page("/leaders")


async def test_a_masked_contact_stays_unless_another_is_written(desk: Operator) -> None:
    path = await found(desk, "/leaders", "Ann")
    page = await desk.page(path)
    shown = hidden(page, "contact")
    assert "ann-private" not in page
    assert (await desk.press(path, name="Ann B", contact=shown)).status_code == 303
    assert (await desk.press(path, name="Ann B", contact="webhook:…x")).status_code == 422
    assert hidden(await desk.page(path), "contact") == shown


async def test_an_absence_is_said_on_the_readers_clock_and_ended(desk: Operator) -> None:
    path = await found(desk, "/leaders", "Ann")
    for until in ("", "soon", "0001-01-01T00:00", "2020-01-01T00:00"):
        refused = await desk.press(f"{path}/absences", until=until)
        assert (refused.status_code, 'id="wrong-until"' in refused.text) == (422, True), until
    assert (await desk.press(f"{path}/absences", until="2190-01-02T08:30", reason="度假")).status_code == 303
    page = await desk.page(path)
    assert "度假" in page
    end = re.findall(r'action="([^"]+/end)"', page)[0]
    assert (await desk.press(end)).status_code == 303
    assert "度假" not in await desk.page(path)


async def test_the_tree_grows_moves_and_never_ties_a_ring(desk: Operator) -> None:
    assert (await desk.press("/tree", name="West")).status_code == 303
    assert 'id="wrong-name"' in (await desk.press("/tree", name="west")).text
    assert 'id="wrong-parent"' in (await desk.press("/tree", name="X", parent="Nowhere")).text
    west, east = await found(desk, "/tree", "West"), await found(desk, "/tree", "East")
    assert (await desk.press(east, name="Far East", parent="West")).status_code == 303
    assert "West/Far East/Shanghai" in await desk.page(east) or "Shanghai" in await desk.page(east)
    assert 'id="wrong-parent"' in (await desk.press(west, name="West", parent="West/Far East")).text
    assert (await desk.press(f"{west}/people", leader="王芳")).status_code == 303
    assert "王芳" in await desk.page("/tree")
    assert (await desk.press(f"{west}/remove")).status_code == 409
    assert "West" in await desk.page(f"{west}/ask/remove")


async def test_groups_nobody_answers_for_are_listed(desk: Operator) -> None:
    assert "每个群都有人负责" in await desk.page("/orphans")
    saved = await upload(desk, sheet(HEADER, ["孤群", "微信", *[""] * 10]))
    await desk.press("/imports/save", word=hidden(saved.text, "word"))
    assert "<bdi>孤群</bdi>" in await desk.page("/orphans")


async def test_another_centers_directory_is_not_there(desk: Operator, client: httpx.AsyncClient, db: Database) -> None:
    paths = [
        await found(desk, "/groups", "Desk"),
        await found(desk, "/leaders", "Ann"),
        await found(desk, "/tree", "East"),
    ]
    await center(db, "cen_2")
    stranger = await at(client, db, Role.OWNER, "cen_2")
    for path in paths:
        assert (await stranger.look(path)).status_code == 404
        assert (await stranger.press(path, name="mine")).status_code == 404


async def test_a_viewer_sees_no_form_that_changes(desk: Operator, client: httpx.AsyncClient, db: Database) -> None:
    paths = [
        await found(desk, "/groups", "Desk"),
        await found(desk, "/leaders", "Ann"),
        await found(desk, "/tree", "East"),
    ]
    viewer = await at(client, db, Role.VIEWER)
    for path in (*paths, "/groups", "/leaders", "/tree", "/orphans"):
        page = (await viewer.page(path)).partition("<main")[2]
        assert 'method="post"' not in page, path
