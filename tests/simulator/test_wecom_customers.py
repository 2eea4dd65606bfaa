"""The practice WeCom's customer mass send, and that the real adapter and it agree: asked, pressed, told, reminded,
withdrawn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.channels.adapters.wecom_customers import WeComCustomers
from app.channels.port import Credential, Outcome, Post, Verdict
from app.channels.tasks import Fate, Lost
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.simulator.conftest import Sim

V = Verdict
CHATS = ("wrOne", "wrTwo")


@dataclass
class _Desk:
    sim: Sim
    http: HttpClient
    by: Credential
    way: WeComCustomers

    async def give(self, *chats: str, text: str = "hi") -> Outcome:
        post = Post("k", text, self.by.at, "wang", self.by.secret, self.by.base_url, chats=chats or CHATS)
        return await self.way.post(post, self.http)

    async def task(self, *chats: str) -> str:
        given = await self.give(*chats)
        assert given.verdict is V.HANDED_OVER
        return str(given.message_id)

    async def find(self, *besides: str, since: timedelta = timedelta(minutes=1)) -> str | Outcome | None:
        lost = Lost("wang", CHATS, "hi", self.by.at - since, besides)
        return await self.way.find(lost, self.by, self.http)

    async def fates(self, task: str) -> dict[str, tuple[Fate, str]]:
        found = await self.way.fates(task, "wang", self.by, self.http)
        assert not isinstance(found, Outcome)
        return {chat: (fared.fate, fared.code) for chat, fared in found.items()}

    async def press(self, task: str) -> int:
        return (await self.sim.http.post("/_sim/wecom/press", json={"msgid": task})).status_code


@asynccontextmanager
async def _desk(sim: Sim, secret: str = "secret-one") -> AsyncIterator[_Desk]:
    http = HttpClient(Guard(frozenset({sim.base.removeprefix("http://")})))
    by = Credential(datetime.now(UTC), {"corp_id": "ww1", "corp_secret": secret}, sim.base)
    try:
        yield _Desk(sim, http, by, WeComCustomers())
    finally:
        await http.close()


async def test_nothing_stands_until_the_owner_presses_send(sim: Sim) -> None:
    async with _desk(sim) as desk:
        task = await desk.task()
        assert await desk.fates(task) == dict.fromkeys(CHATS, (Fate.WAITING, "0"))
        assert await sim.receipts() == []
        assert [await desk.press(task), await desk.press(task)] == [200, 409]
        assert await desk.fates(task) == dict.fromkeys(CHATS, (Fate.STANDS, "1"))
    receipts = await sim.receipts()
    assert [(receipt["target"], receipt["text"], receipt["accepted"]) for receipt in receipts] == [
        (chat, "hi", True) for chat in CHATS
    ]


async def test_a_group_that_had_enough_and_one_that_is_gone_are_told(sim: Sim) -> None:
    async with _desk(sim) as desk:
        await sim.control("targets", platform="wecom_customers", target="wrOne", limit={"count": 1, "per_s": 86400})
        for wanted in ((Fate.STANDS, "1"), (Fate.FAILED, "3")):
            task = await desk.task()
            await sim.control("targets", platform="wecom_customers", target="wrTwo", state="kicked")
            await desk.press(task)
            assert await desk.fates(task) == {"wrOne": wanted, "wrTwo": (Fate.FAILED, "2")}
        await sim.forward(86400)
        desk.by = Credential(datetime.now(UTC), {**desk.by.secret, "corp_secret": "secret-two"}, sim.base)
        task = await desk.task("wrOne")
        await desk.press(task)
        assert await desk.fates(task) == {"wrOne": (Fate.STANDS, "1")}


async def test_a_group_gets_thirty_in_thirty_days(sim: Sim) -> None:
    async with _desk(sim) as desk:
        for _ in range(30):
            await desk.press(await desk.task("wrOne"))
        task = await desk.task("wrOne")
        await desk.press(task)
        assert await desk.fates(task) == {"wrOne": (Fate.FAILED, "3")}


async def test_what_is_no_group_of_the_owners_is_left_out(sim: Sim) -> None:
    await sim.control("targets", platform="wecom_customers", target="wrTwo", state="unknown")
    async with _desk(sim) as desk:
        given = await desk.give()
        assert (given.verdict, given.left_out) == (V.HANDED_OVER, {"wrTwo"})
        assert await desk.fates(str(given.message_id)) == {"wrOne": (Fate.WAITING, "0")}
        assert (await desk.give("wrTwo")).verdict is V.TARGET_GONE


async def test_the_fates_of_many_groups_come_in_pages(sim: Sim) -> None:
    async with _desk(sim) as desk:
        many = [f"wr{number}" for number in range(250)]
        task = await desk.task(*many)
        assert list(await desk.fates(task)) == many


@pytest.mark.parametrize(("says", "code"), [(None, "45009"), ("41099", "41099")])
async def test_the_fourth_reminder_of_a_day_is_not_taken(sim: Sim, says: str | None, code: str) -> None:
    await sim.control("targets", platform="wecom_customers", target="wang", says=says)
    async with _desk(sim) as desk:
        task = await desk.task()
        answers = [await desk.way.remind(task, desk.by, desk.http) for _ in range(4)]
        assert [one.verdict for one in answers[:3]] == [V.SENT] * 3
        assert (answers[3].code, answers[3].verdict is V.SENT) == (code, False)


async def test_what_is_withdrawn_cannot_be_sent_and_what_was_sent_stands(sim: Sim) -> None:
    async with _desk(sim) as desk:
        first, second = [await desk.task() for _ in range(2)]
        await desk.press(second)
        for task in (first, first, second):
            assert (await desk.way.cancel(task, desk.by, desk.http)).verdict is V.SENT
        assert await desk.press(first) == 409
        assert await desk.fates(first) == dict.fromkeys(CHATS, (Fate.WAITING, "0"))
        assert await desk.fates(second) == dict.fromkeys(CHATS, (Fate.STANDS, "1"))


async def test_a_task_whose_answer_was_lost_may_exist_and_is_found_in_the_list(sim: Sim) -> None:
    async with _desk(sim) as desk, _desk(sim, "secret-two") as other:
        known = await desk.task()
        await other.task()
        assert await desk.find(known) is None
        await sim.control("faults", platform="wecom_customers", kind="drop_after_accept")
        given = await desk.give()
        assert (given.verdict, given.left_out) == (V.AMBIGUOUS, frozenset())
        change = (await sim.http.get("/_sim/changes")).json()["items"][-1]
        assert change["what"] == "asked"
        assert await desk.find(known) == change["message"]
        assert await desk.press(change["message"]) == 200


async def test_the_list_goes_back_a_month_and_no_further(sim: Sim) -> None:
    async with _desk(sim) as desk:
        found = await desk.find(since=timedelta(days=31))
        assert isinstance(found, Outcome)
        assert found.code == "40058"


async def test_a_withdrawn_secret_is_told_by_the_check_and_another_companys_task_is_unknown(sim: Sim) -> None:
    async with _desk(sim) as desk, _desk(sim, "secret-two") as other:
        task = await desk.task()
        found = await other.way.fates(task, "wang", other.by, other.http)
        assert isinstance(found, Outcome)
        assert found.code == "40058"
        assert (await desk.way.check(desk.by, desk.http)).works is True
        await sim.control("targets", platform="wecom_app", credential="secret-one", dead=True)
        assert (await desk.way.check(desk.by, desk.http)).works is False


async def test_a_task_that_is_none_is_refused(sim: Sim) -> None:
    token = (await sim.http.get("/cgi-bin/gettoken", params={"corpid": "c", "corpsecret": "s"})).json()["access_token"]
    good = {"chat_type": "group", "sender": "wang", "chat_id_list": ["wr1"], "text": {"content": "hi"}}
    for more, code in (
        ({"sender": ""}, 40058),
        ({"chat_type": "single"}, 40058),
        ({"chat_id_list": []}, 40058),
        ({"text": {}}, 44004),
        ({"text": {"content": "字" * 1334}}, 45002),
        ({}, 0),
    ):
        path = "/cgi-bin/externalcontact/add_msg_template"
        answer = await sim.http.post(path, params={"access_token": token}, json={**good, **more})
        assert answer.json()["errcode"] == code


@pytest.mark.parametrize(
    ("persona", "fate"), [("all_done", Fate.STANDS), ("silent", Fate.WAITING), ("refuses", Fate.WAITING)]
)
async def test_an_owner_among_the_practice_leaders_presses_as_he_is_named_for(
    sim: Sim, persona: str, fate: Fate
) -> None:
    owner = {"platform": "wecom_customers", "target": "wang", "persona": persona, "delay_s": 0.05}
    await sim.control("leaders", people=[owner])
    async with _desk(sim) as desk:
        task = await desk.task()
        await asyncio.sleep(0.2)
        assert (await sim.state())["leaders_busy"] == 0
        assert {fared for fared, _ in (await desk.fates(task)).values()} == {fate}
        assert await desk.press(task) == (409 if fate is Fate.STANDS else 200)
