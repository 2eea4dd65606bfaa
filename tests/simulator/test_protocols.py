"""The practice platform speaks each platform's own language, refusals included."""

import base64
import hashlib
import hmac
import time
from typing import Any

import pytest

from tests.simulator.conftest import Sim

KEY = base64.b64encode(b"0123456789abcdef" * 2).decode()


async def test_a_message_stands_and_its_receipt_says_so(sim: Sim) -> None:
    said = (await sim.telegram(-1001, "你好", token="77:abc")).json()
    assert abs(said["result"].pop("date") - time.time()) < 60
    message = {"message_id": 1, "chat": {"id": -1001, "type": "supergroup"}, "text": "你好"}
    assert said == {"ok": True, "result": message}
    (receipt,) = await sim.receipts()
    assert receipt["seq"] == 1
    assert (receipt["platform"], receipt["credential"], receipt["target"]) == ("telegram", "77", "-1001")
    assert receipt["sha256"] == hashlib.sha256("你好".encode()).hexdigest()
    assert (receipt["accepted"], receipt["duplicate"], receipt["violation"]) == (True, False, None)
    assert "abc" not in str(receipt)


async def test_receipts_are_read_from_where_one_stopped(sim: Sim) -> None:
    for number in range(3):
        await sim.wecom(f"robot{number}")
    assert [receipt["seq"] for receipt in await sim.receipts(after=1)] == [2, 3]


@pytest.mark.parametrize(
    ("state", "status", "description"),
    [
        ("kicked", 403, "Forbidden: bot was kicked from the supergroup chat"),
        ("blocked", 403, "Forbidden: bot was blocked by the user"),
        ("deleted", 403, "Forbidden: the group chat was deleted"),
        ("unknown", 400, "Bad Request: chat not found"),
    ],
)
async def test_a_closed_chat_is_refused_in_the_servers_words(
    sim: Sim, state: str, status: int, description: str
) -> None:
    await sim.control("targets", platform="telegram", target="-1001", state=state)
    answer = await sim.telegram(-1001)
    assert answer.status_code == status
    assert answer.json() == {"ok": False, "error_code": status, "description": description}
    assert (await sim.telegram(-1002)).status_code == 200
    assert [receipt["accepted"] for receipt in await sim.receipts()] == [False, True]


async def test_an_upgraded_group_names_its_new_number(sim: Sim) -> None:
    await sim.control("targets", platform="telegram", target="-5", state="migrated", migrate_to=-1005)
    answer = (await sim.telegram(-5)).json()
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": -1005}
    assert (await sim.telegram(-1005)).status_code == 200


@pytest.mark.parametrize(
    ("chat", "text", "more", "description"),
    [
        ("", "x", {}, "chat_id is empty"),
        (1, "", {}, "message text is empty"),
        (1, "字" * 4097, {}, "message is too long"),
        (1, "<b>x", {"parse_mode": "HTML"}, "can't parse entities: Unsupported start tag"),
        (1, "<h1>x</h1>", {"parse_mode": "HTML"}, "can't parse entities: Unsupported start tag"),
    ],
)
async def test_a_bad_message_is_refused(sim: Sim, chat: object, text: str, more: Any, description: str) -> None:
    answer = await sim.telegram(chat, text, **more)
    assert answer.status_code == 400
    assert answer.json()["description"] == f"Bad Request: {description}"


async def test_the_longest_message_is_taken(sim: Sim) -> None:
    assert (await sim.telegram(1, "字" * 4096)).status_code == 200
    assert (await sim.telegram(2, "<b>x</b>", parse_mode="HTML")).status_code == 200
    assert (await sim.wecom("robot", "字" * 682))["errcode"] == 0
    assert "content exceed max length" in (await sim.wecom("robot", "字" * 683))["errmsg"]


async def test_a_message_is_deleted_once_and_while_it_is_young(sim: Sim) -> None:
    first, second = [(await sim.telegram(7)).json()["result"]["message_id"] for _ in range(2)]
    gone = {"chat_id": 7, "message_id": first}
    assert (await sim.http.post("/bot1:a/deleteMessage", json=gone)).json() == {"ok": True, "result": True}
    again = (await sim.http.post("/bot1:a/deletemessage", json=gone)).json()
    assert again["description"] == "Bad Request: message to delete not found"
    await sim.forward(49 * 3600)
    late = (await sim.http.post("/bot1:a/deleteMessage", json={"chat_id": 7, "message_id": second})).json()
    assert late["description"] == "Bad Request: message can't be deleted"


async def test_a_bot_can_ask_who_it_is(sim: Sim) -> None:
    assert (await sim.http.get("/bot42:a/getMe")).json()["result"]["id"] == 42
    assert (await sim.http.get("/bot42:a/getMoon")).status_code == 404
    unknown = await sim.http.get("/botnobody/getMe")
    assert (unknown.status_code, unknown.json()["description"]) == (401, "Unauthorized: invalid token specified")


async def test_forms_and_queries_are_understood_too(sim: Sim) -> None:
    assert (await sim.http.post("/bot1:a/sendMessage", data={"chat_id": "1", "text": "x"})).status_code == 200
    assert (await sim.http.get("/bot1:a/sendMessage", params={"chat_id": "2", "text": "x"})).status_code == 200


async def test_a_dead_credential_is_refused_and_its_further_use_counts(sim: Sim) -> None:
    await sim.control("targets", platform="telegram", credential="1:a", dead=True)
    first = await sim.telegram(1)
    assert (first.status_code, first.json()["description"]) == (401, "Unauthorized")
    await sim.telegram(2)  # was on its way already
    assert await sim.violations() == 0
    await sim.forward(1)
    await sim.telegram(3)
    assert await sim.violations() == 1
    assert (await sim.telegram(3, token="2:b")).status_code == 200
    await sim.control("targets", platform="telegram", credential="1:a", dead=False)
    assert (await sim.telegram(3)).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 40008),
        (b"[]", 40008),
        (b'{"msgtype":"poem"}', 40008),
        (b'{"msgtype":"text","text":{}}', 44004),
        (b'{"msgtype":"text","text":{"content":"x"}}', 0),
        (b'{"msgtype":"text","text":{"content":"x","mentioned_list":["@all"]}}', 0),
        (b'{"msgtype":"text","text":{"content":"x","mentioned_list":"@all"}}', 40058),
        (b'{"msgtype":"text","text":{"content":"x","mentioned_list":[1]}}', 40058),
        (b'{"msgtype":"markdown","markdown":{"content":"# x"}}', 0),
    ],
)
async def test_a_robot_says_everything_in_a_200(sim: Sim, body: bytes, code: int) -> None:
    answer = await sim.http.post("/cgi-bin/webhook/send?key=robot", content=body)
    assert (answer.status_code, answer.json()["errcode"]) == (200, code)


async def test_a_robot_nobody_knows(sim: Sim) -> None:
    await sim.control(
        "targets",
        targets=[{"platform": "wecom", "target": "*", "state": "unknown"}, {"platform": "wecom", "target": "mine"}],
    )
    assert (await sim.wecom("mine"))["errcode"] == 0
    answer = await sim.wecom("other")
    assert answer["errcode"] == 93000
    assert answer["errmsg"].startswith("invalid webhook url, hint: [")


def _signed(body: bytes, *, key: str = "msg_1", at: float | None = None, secret: str = KEY) -> dict[str, str]:
    stamp = str(int(at if at is not None else time.time()))
    mac = hmac.new(base64.b64decode(secret), f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,bm90IHRoaXM= v1,{base64.b64encode(mac).decode()}",
    }


async def test_a_receiver_checks_signatures(sim: Sim) -> None:
    await sim.control("targets", platform="webhook", target="in", secret=f"whsec_{KEY}")
    body = '{"type":"x","data":{"text":"你好"}}'.encode()
    other = base64.b64encode(b"another key entirely, 24+").decode()

    async def status(headers: dict[str, str], content: bytes = body) -> int:
        return (await sim.http.post("/webhook/in", content=content, headers=headers)).status_code

    assert await status(_signed(body)) == 200
    assert await status(_signed(body, secret=other)) == 401
    assert await status(_signed(body), content=body + b" ") == 401
    assert await status(_signed(body, at=time.time() - 400)) == 401
    assert await status(_signed(body, at=time.time() + 400)) == 401
    assert await status({"webhook-id": "msg_1"}) == 401
    receipts = await sim.receipts()
    assert [receipt["accepted"] for receipt in receipts] == [True, *[False] * 5]
    assert receipts[0]["text"] == "你好"


async def test_a_receiver_drops_what_it_has_already_seen_and_says_so(sim: Sim) -> None:
    answers = [
        await sim.http.post(f"/webhook/{name}", json={"data": {"text": "x"}}, headers={"webhook-id": "msg_1"})
        for name in ("a", "a", "b")
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    seen = [(receipt["key"], receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()]
    assert seen == [("msg_1", True, False), ("msg_1", False, True), ("msg_1", True, False)]
    assert (await sim.state())["duplicates"] == 1


@pytest.mark.parametrize(("state", "status"), [("deleted", 410), ("migrated", 302), ("unknown", 404), ("kicked", 403)])
async def test_a_receiver_may_be_closed(sim: Sim, state: str, status: int) -> None:
    await sim.control("targets", platform="webhook", target="in", state=state)
    assert (await sim.http.post("/webhook/in", json={})).status_code == status


async def test_the_page_shows_hostile_text_as_text(sim: Sim) -> None:
    await sim.wecom("robot", "<script>alert(1)</script>")
    page = (await sim.http.get("/")).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("targets", {"platform": "telegram", "state": "asleep"}),
        ("targets", {"nonsense": 1}),
        ("faults", {"kind": "earthquake"}),
        ("faults", {"kind": "reset", "times": 0}),
        ("clock", {"advance_s": -1}),
        ("leaders", {"people": [{"platform": "telegram", "target": "1", "persona": "moody"}]}),
    ],
)
async def test_a_wrong_script_is_refused(sim: Sim, path: str, body: dict[str, object]) -> None:
    assert (await sim.http.post(f"/_sim/{path}", json=body)).status_code == 422
