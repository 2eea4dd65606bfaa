"""What others ask of the directory: audiences, who answers, moved chats, whole addresses."""

import json
import time

import pytest
from sqlalchemy import Text, literal
from sqlalchemy import select as columns
from sqlmodel import select

from app.core.db import Database
from app.core.errors import Conflict
from app.core.secrets import SecretBroken
from app.domain.directory import store
from app.domain.directory.service import groups, whole_address, whole_contact
from app.domain.directory.states import GroupStatus
from app.domain.directory.store.answers import upward
from app.domain.directory.store.groups import at_addresses, insert_groups
from app.domain.directory.tables import Group, GroupTag
from tests.builders.directory import assign, branch, center, deep_chain, group, kit_on, leader

KEY = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123abcd-4567-89ab-cdef-0123456789ab"


async def a_town(db: Database) -> dict[str, str]:
    """Two branches with a group each below, one group elsewhere, one asleep, one of another center; ids by name."""
    await center(db)
    await center(db, "cen_2")
    kit = kit_on(db)
    ids = {}
    async with db.write() as tx:
        for path in ("East", "East/Shanghai", "East%", "North"):
            ids[path] = (await branch(tx, path)).id
        for name, place, tags in (
            ("g1", "East", ("VIP",)),
            ("g2", "East/Shanghai", ()),
            ("g3", "East%", ("vip", "new")),
            ("g4", "North", ("NEW",)),
        ):
            ids[name] = (await group(tx, name, kit.vault, branch_id=ids[place], tags=tags)).id
        ids["asleep"] = (await group(tx, "asleep", kit.vault, status=GroupStatus.DORMANT, tags=("vip",))).id
        ids["theirs"] = (await group(tx, "theirs", kit.vault, "cen_2", tags=("vip",))).id
    return ids


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, "g1 g2 g3 g4"),
        ({"branches": ["East"]}, "g1 g2"),
        ({"branches": ["East/Shanghai"]}, "g2"),
        ({"branches": ["East%", "North"]}, "g3 g4"),
        ({"tags": ["Ｖip"]}, "g1 g3"),
        ({"tags": ["new"], "branches": ["East/Shanghai"]}, "g2 g3 g4"),
        ({"groups": ["g4", "asleep", "theirs"]}, "g4"),
        ({"branches": ["East"], "exclude": ["g1"]}, "g2"),
        ({"exclude": ["g1", "g2", "g3"]}, "g4"),
    ],
)
async def test_an_audience_unites_branches_tags_and_groups(
    db: Database, wanted: dict[str, list[str]], names: str
) -> None:
    ids = await a_town(db)
    chosen = {
        kind: [ids.get(each, each) for each in wanted.get(kind, ())]
        for kind in ("branches", "tags", "groups", "exclude")
    }
    async with db.read() as tx:
        rows = await tx.table(store.audience("cen_1", **chosen))
    assert sorted(row.name for row in rows) == names.split()
    assert rows[0]._fields == (
        "group_id", "name", "platform", "address_key", "account_id", "branch_id", "members", "timezone", "language",
        "routes",
    )  # fmt: skip


async def test_an_audience_can_be_paged_and_inserted_from(db: Database) -> None:
    ids = await a_town(db)
    wanted = store.audience("cen_1", branches=[ids["East"]], tags=["new"], groups=[], exclude=[])
    async with db.write() as tx:
        found = wanted.subquery()
        page = columns(found).where(found.c.group_id > "").order_by(found.c.group_id).limit(3)
        assert len(await tx.table(page)) == 3
        rows = columns(found.c.group_id, literal("copied", Text))
        copied = await tx.run(tx.upsert(GroupTag).from_select(["group_id", "tag_key"], rows))
        assert copied.rowcount == 4
        tagged = await tx.all(select(GroupTag.group_id).where(GroupTag.tag_key == "copied"))
    assert set(tagged) == {ids["g1"], ids["g2"], ids["g3"], ids["g4"]}


async def test_strangers_are_named_in_their_order(db: Database) -> None:
    ids = await a_town(db)
    async with db.read() as tx:
        strangers = await store.unknown(
            tx, "cen_1", branches=[ids["East"], "brn_x"], groups=[ids["theirs"], ids["g1"], "grp_x", "grp_x"]
        )
    assert strangers == [("branch", "brn_x"), ("group", ids["theirs"]), ("group", "grp_x")]


async def test_a_groups_own_people_answer_first_then_its_branchs_up_to_the_top(db: Database) -> None:
    ids = await a_town(db)
    kit = kit_on(db)
    async with db.write() as tx:
        people = {name: (await leader(tx, name, kit.vault)).id for name in ("own", "deputy", "city", "region", "both")}
        await assign(tx, people["deputy"], 1, group_id=ids["g2"])
        await assign(tx, people["own"], 0, group_id=ids["g2"])
        await assign(tx, people["city"], 1, branch_id=ids["East/Shanghai"])
        await assign(tx, people["both"], 0, branch_id=ids["East/Shanghai"])
        await assign(tx, people["both"], 0, branch_id=ids["East"])
        await assign(tx, people["region"], 1, branch_id=ids["East"])
    async with db.read() as tx:
        found = await store.answering(tx, "cen_1", [ids["g2"], ids["g1"], ids["g4"], ids["theirs"], "grp_x"])
    names = {person: name for name, person in people.items()}
    assert {each: [names[person] for person in found[ids[each]]] for each in ("g1", "g2", "g4")} == {
        "g2": ["own", "deputy", "both", "city", "region"],
        "g1": ["both", "region"],
        "g4": [],
    }
    assert len(found) == 3


async def test_the_top_of_a_very_deep_tree_answers_for_its_last_group(db: Database) -> None:
    await center(db)
    kit = kit_on(db)
    chain = await deep_chain(db, 3_000)
    async with db.write() as tx:
        deep = await group(tx, "deep", kit.vault, branch_id=chain[-1])
        head = await leader(tx, "head", kit.vault)
        await assign(tx, head.id, branch_id=chain[0])
        assert await store.answering(tx, "cen_1", [deep.id]) == {deep.id: [head.id]}
        rows = await tx.table(store.audience("cen_1", branches=[chain[0]], tags=[], groups=[], exclude=[]))
    assert [row.group_id for row in rows] == [deep.id]


def test_a_ring_that_should_not_stand_is_walked_once() -> None:
    assert list(upward({"a": "b", "b": "a"}, "a")) == ["a", "b"]


async def test_a_credential_is_kept_whole_only_in_its_box(db: Database) -> None:
    await center(db)
    kit = kit_on(db)
    async with db.write() as tx:
        robot = await group(tx, "robot", kit.vault, platform="wecom", address=KEY, routes=("bot",))
        signed = await group(tx, "signed", kit.vault, platform="telegram", address="-1001", secret="s3cret")
        person = await leader(tx, "P", kit.vault, contact="webhook:https://hooks.example.com/very-long-token")
        told = await leader(tx, "T", kit.vault, contact="telegram:17")
        assert robot.address == "https://qyapi.weixin.qq.com/…89ab"
        for row in (robot, signed, person):
            shown = json.dumps(row.model_dump(exclude={"address_key"}), default=str)
            assert not any(word in shown for word in ("0123abcd", "s3cret", "very-long"))
    assert whole_address(kit.vault, robot) == (KEY, {})
    assert whole_address(kit.vault, signed) == ("-1001", {"secret": "s3cret"})
    assert whole_contact(kit.vault, person) == "https://hooks.example.com/very-long-token"
    assert whole_contact(kit.vault, told) == "17"
    robot.secret_box = signed.secret_box
    with pytest.raises(SecretBroken):
        whole_address(kit.vault, robot)


async def test_a_moved_chat_is_followed_unless_somebody_stands_there(db: Database) -> None:
    await center(db)
    kit = kit_on(db)
    async with db.write() as tx:
        small = await group(tx, "small", kit.vault, platform="telegram", address="-123", secret="own")
        other = await group(tx, "other", kit.vault, platform="telegram", address="-1009")
        assert await store.move_address(tx, small.id, "-100777")
        assert not await store.move_address(tx, small.id, "-1009")
        assert not await store.move_address(tx, "grp_gone", "-1")
        moved = (await store.targets(tx, [small.id]))[0]
    assert whole_address(kit.vault, moved) == ("-100777", {"secret": "own"})
    with pytest.raises(Conflict, match="small"):
        async with db.write() as tx:
            await groups.change(tx, other, {"address": "-100777"}, vault=kit.vault, actor="test")


async def test_a_new_address_keeps_the_groups_own_secret(db: Database) -> None:
    await center(db)
    kit = kit_on(db)
    async with db.write() as tx:
        hook = await group(tx, "h", kit.vault, platform="webhook", address="https://a.example.com/1", secret="whsec_1")
        moved = await groups.change(tx, hook, {"address": "https://b.example.com/2"}, vault=kit.vault, actor="test")
        assert whole_address(kit.vault, moved) == ("https://b.example.com/2", {"secret": "whsec_1"})
        bare = await groups.change(tx, moved, {"secret": ""}, vault=kit.vault, actor="test")
        assert whole_address(kit.vault, bare) == ("https://b.example.com/2", {})


async def test_two_groups_cannot_stand_at_one_address(db: Database) -> None:
    await center(db)
    kit = kit_on(db)
    async with db.write() as tx:
        await group(tx, "a", kit.vault, platform="telegram", address="@Name")
    with pytest.raises(Conflict):
        async with db.write() as tx:
            await group(tx, "b", kit.vault, platform="telegram", address="@name")
    async with db.read() as tx:
        assert [row.name for row in await tx.all(select(Group))] == ["a"]


@pytest.mark.alone
async def test_a_plan_made_while_the_table_was_empty_does_not_outlive_that(db: Database) -> None:
    """PostgreSQL keeps the plan of a statement it has seen often; the one for an empty table takes seconds on a full
    one."""
    await center(db)
    keys = [("manual", f"{number:064}") for number in range(1_000)]
    async with db.write() as tx:
        for _ in range(10):
            assert await at_addresses(tx, "cen_1", keys) == {}
        facts = {"center_id": "cen_1", "platform": "manual", "address": "", "tags": [], "routes": ["leader"]}
        facts |= {"status": GroupStatus.ACTIVE, "status_reason": "", "created_at": tx.now, "updated_at": tx.now}
        rows = [{"id": f"grp_{n}", "name": f"g{n}", "address_key": f"{n:064}", **facts} for n in range(20_000)]
        await insert_groups(tx, rows)
        started = time.monotonic()
        assert len(await at_addresses(tx, "cen_1", keys)) == 1_000
        assert time.monotonic() - started < 1
