"""The practice Feishu and WeCom for apps: lent tokens, keys, recalls, and what vanishes behind an ok."""

import json
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Sim

MESSAGES = "/open-apis/im/v1/messages"


async def _feishu_token(sim: Sim, app: str = "cli_1") -> str:
    answer = await sim.http.post(
        "/open-apis/auth/v3/tenant_access_token/internal", json={"app_id": app, "app_secret": "practice"}
    )
    found = answer.json()
    assert (found["code"], found["msg"]) == (0, "ok")
    return str(found["tenant_access_token"])


async def _feishu(sim: Sim, token: str, to: str = "oc_1", text: str = "hi", **more: object) -> httpx.Response:
    kind = "open_id" if to.startswith("ou_") else "chat_id"
    body = {"receive_id": to, "msg_type": "text", "content": json.dumps({"text": text}), **more}
    headers = {"Authorization": f"Bearer {token}"}
    return await sim.http.post(MESSAGES, params={"receive_id_type": kind}, json=body, headers=headers)


async def _wecom_token(sim: Sim, secret: str = "secret-one") -> str:
    answer = await sim.http.get("/cgi-bin/gettoken", params={"corpid": "ww1", "corpsecret": secret})
    found = answer.json()
    assert (found["errcode"], found["errmsg"]) == (0, "ok")
    assert 0 < found["expires_in"] <= 7200
    return str(found["access_token"])


async def _wecom(sim: Sim, token: str, to: str = "wang", text: str = "hi", **more: object) -> dict[str, Any]:
    body = {"touser": to, "agentid": 1, "msgtype": "text", "text": {"content": text}, **more}
    answer = await sim.http.post("/cgi-bin/message/send", params={"access_token": token}, json=body)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_a_message_of_an_app_stands_and_is_numbered(sim: Sim) -> None:
    answer = await _feishu(sim, await _feishu_token(sim), text="你好", uuid="k1")
    assert answer.json()["data"] == {"message_id": "om_practice1", "chat_id": "oc_1", "msg_type": "text"}
    assert (await _wecom(sim, await _wecom_token(sim)))["msgid"] == "practice_1"
    first, second = await sim.receipts()
    assert (first["platform"], first["credential"], first["key"], first["text"]) == (
        "feishu_app",
        "cli_1",
        "k1",
        "你好",
    )
    assert (second["platform"], second["credential"], second["target"]) == ("wecom_app", "-one", "wang")


async def test_feishu_lends_a_new_token_in_the_last_half_hour_and_both_are_good(sim: Sim) -> None:
    first = await _feishu_token(sim)
    await sim.forward(5000)
    assert await _feishu_token(sim) == first
    await sim.forward(1000)
    second = await _feishu_token(sim)
    assert second != first
    for token in (first, second):
        assert (await _feishu(sim, token)).status_code == 200
    await sim.forward(1300)
    assert (await _feishu(sim, first)).json()["code"] == 99991663
    assert (await _feishu(sim, second)).status_code == 200


async def test_wecom_lends_the_same_token_while_it_lives(sim: Sim) -> None:
    first = await _wecom_token(sim)
    await sim.forward(7300)
    assert (await _wecom(sim, first))["errcode"] == 42001
    assert (await _wecom(sim, "nobody's"))["errcode"] == 40014
    assert (await _wecom(sim, ""))["errcode"] == 41001
    second = await _wecom_token(sim)
    assert second not in {first, await _wecom_token(sim, "secret-two")}
    assert (await _wecom(sim, second))["errcode"] == 0


@pytest.mark.parametrize(
    ("header", "code"),
    [("", 99991661), ("Bearer u_none", 99991671), ("Basic t-x", 99991671), ("Bearer t-unknown", 99991663)],
)
async def test_feishu_wants_a_token_it_lent(sim: Sim, header: str, code: int) -> None:
    answer = await sim.http.post(MESSAGES, json={}, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    answer = await sim.http.delete(f"{MESSAGES}/om_1", headers={"Authorization": header} if header else {})
    assert answer.json()["code"] == code


async def test_who_has_no_secret_gets_no_token(sim: Sim) -> None:
    path = "/open-apis/auth/v3/tenant_access_token/internal"
    assert (await sim.http.post(path, json={"app_id": "cli_1"})).json()["code"] == 10003
    assert (await sim.http.post(path, content=b"{")).json()["code"] == 10003
    await sim.control("targets", platform="feishu_app", credential="cli_1", dead=True)
    answer = await sim.http.post(path, json={"app_id": "cli_1", "app_secret": "x"})
    assert (answer.status_code, answer.json()) == (400, {"code": 10014, "msg": "app secret invalid"})
    await sim.control("targets", platform="wecom_app", credential="s", dead=True)
    for query, code in (
        ({"corpsecret": "s"}, 41002),
        ({"corpid": "c"}, 40001),
        ({"corpid": "c", "corpsecret": "s"}, 40001),
    ):
        assert (await sim.http.get("/cgi-bin/gettoken", params=query)).json()["errcode"] == code


@pytest.mark.parametrize(
    ("to", "more", "words"),
    [
        ("on_1", {}, "invalid receive_id"),
        ("oc_1", {"content": {"text": "hi"}}, "invalid content"),
        ("oc_1", {"content": "{"}, "invalid content"),
        ("oc_1", {"msg_type": "poem"}, "invalid content"),
        ("oc_1", {"uuid": "x" * 51}, "invalid uuid"),
    ],
)
async def test_a_bad_feishu_message(sim: Sim, to: str, more: dict[str, object], words: str) -> None:
    answer = await _feishu(sim, await _feishu_token(sim), to, **more)
    assert (answer.status_code, answer.json()["code"]) == (400, 230001)
    assert words in answer.json()["msg"]


@pytest.mark.parametrize(
    ("state", "code"), [("kicked", 230002), ("blocked", 230013), ("deleted", 232009), ("unknown", 230001)]
)
async def test_a_closed_feishu_chat(sim: Sim, state: str, code: int) -> None:
    await sim.control("targets", platform="feishu_app", target="oc_1", state=state)
    token = await _feishu_token(sim)
    assert (await _feishu(sim, token)).json()["code"] == code
    assert (await _feishu(sim, token, "ou_2")).json()["data"]["chat_id"] == "oc_with_ou_2"


async def test_a_key_posts_once_an_hour(sim: Sim) -> None:
    token = await _feishu_token(sim)
    numbers = []
    for forward_s in (0, 0, 3500, 200):
        await sim.forward(forward_s)
        numbers.append((await _feishu(sim, token, uuid="k1")).json()["data"]["message_id"])
    assert numbers == ["om_practice1"] * 3 + ["om_practice2"]
    assert (await _feishu(sim, token, "oc_2", uuid="k1")).json()["data"]["message_id"] == "om_practice3"
    assert [receipt["duplicate"] for receipt in await sim.receipts()] == [False, True, True, False, False]


async def test_a_chat_takes_five_a_second_from_all_its_bots(sim: Sim) -> None:
    tokens = [await _feishu_token(sim, f"cli_{number}") for number in range(2)]
    answers = [await _feishu(sim, tokens[number % 2]) for number in range(12)]
    refused = [answer.json() for answer in answers if answer.status_code != 200]
    assert refused
    assert {answer["code"] for answer in refused} == {230020}
    assert refused[0]["msg"] == "This operation triggers the frequency limit, ext=chat rate limit"
    await sim.forward(1)
    assert (await _feishu(sim, tokens[0])).status_code == 200


async def test_an_app_says_a_thousand_a_minute_and_the_gateway_says_until_when(sim: Sim) -> None:
    token = await _feishu_token(sim)
    for number in range(1000):
        if number % 45 == 0:
            await sim.forward(1.001)
        assert (await _feishu(sim, token, f"oc_{number}")).status_code == 200
    answer = await _feishu(sim, token, "oc_more")
    assert (answer.status_code, answer.json()["code"]) == (429, 99991400)
    assert 0 < int(answer.headers["x-ogw-ratelimit-reset"]) <= 60
    assert (await _feishu(sim, await _feishu_token(sim, "cli_2"), "oc_more")).status_code == 200


async def test_feishu_takes_back_only_an_apps_own_young_messages(sim: Sim) -> None:
    token, other = await _feishu_token(sim), await _feishu_token(sim, "cli_2")

    async def recall(number: str, by: str) -> int:
        answer = await sim.http.delete(f"{MESSAGES}/{number}", headers={"Authorization": f"Bearer {by}"})
        return int(answer.json()["code"])

    first, second = [(await _feishu(sim, token)).json()["data"]["message_id"] for _ in range(2)]
    assert await recall("om_none", token) == 230001
    assert await recall(first, other) == 230026
    assert await recall(first, token) == 0
    assert await recall(first, token) == 230110
    await sim.forward(24 * 3600 + 1)
    assert await recall(second, await _feishu_token(sim)) == 230009


@pytest.mark.parametrize(
    ("more", "code"), [({"msgtype": "poem"}, 40008), ({"agentid": "one"}, 40056), ({"text": {}}, 44004)]
)
async def test_a_bad_wecom_message(sim: Sim, more: dict[str, object], code: int) -> None:
    assert (await _wecom(sim, await _wecom_token(sim), **more))["errcode"] == code


async def test_wecom_cuts_what_is_too_long(sim: Sim) -> None:
    assert (await _wecom(sim, await _wecom_token(sim), text="字" * 700))["errcode"] == 0
    (receipt,) = await sim.receipts()
    assert receipt["text"] == "字" * 682


async def test_wecom_drops_the_thirty_first_of_a_minute_and_calls_it_ok(sim: Sim) -> None:
    token = await _wecom_token(sim)
    for _ in range(30):
        await _wecom(sim, token)
    answer = await _wecom(sim, token)
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert (await _wecom(sim, token, "li"))["errcode"] == 0
    receipts = await sim.receipts()
    assert [receipt["accepted"] for receipt in receipts] == [True] * 30 + [False, True]
    assert receipts[30]["answer"] == "dropped"
    assert await sim.violations() == 1


@pytest.mark.parametrize("state", ["kicked", "deleted", "unknown"])
async def test_a_member_nobody_knows(sim: Sim, state: str) -> None:
    await sim.control("targets", platform="wecom_app", target="wang", state=state)
    assert (await _wecom(sim, await _wecom_token(sim)))["errcode"] == 81013


async def test_a_member_without_a_licence_is_named_in_the_yes(sim: Sim) -> None:
    await sim.control("targets", platform="wecom_app", target="Wang", state="blocked")
    answer = await _wecom(sim, await _wecom_token(sim), "Wang")
    assert (answer["errcode"], answer["unlicenseduser"]) == (0, "wang")
    assert [receipt["accepted"] for receipt in await sim.receipts()] == [False]


async def test_wecom_takes_back_only_an_apps_own_young_messages(sim: Sim) -> None:
    token, other = await _wecom_token(sim), await _wecom_token(sim, "secret-two")

    async def recall(number: object, by: str) -> int:
        answer = await sim.http.post("/cgi-bin/message/recall", params={"access_token": by}, json={"msgid": number})
        return int(answer.json()["errcode"])

    number = (await _wecom(sim, token))["msgid"]
    assert await recall("none", token) == 40058
    assert await recall(None, token) == 40058
    assert await recall(number, other) == 40058
    assert await recall(number, token) == 0
    await sim.forward(24 * 3600 + 1)
    assert await recall(number, await _wecom_token(sim)) == 40058
