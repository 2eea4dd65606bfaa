"""The practice DingTalk and Feishu robots: their own words, locks, limits and penalties."""

import base64
import hashlib
import hmac
import time
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Sim

SECRET = "SECpractice"


async def _ding(sim: Sim, token: str, text: str = "hi", *, kind: str = "text", **query: str) -> dict[str, Any]:
    body = {"msgtype": kind, kind: {"content" if kind == "text" else "text": text}}
    answer = await sim.http.post("/robot/send", params={"access_token": token, **query}, json=body)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def _hook(sim: Sim, token: str, text: str = "hi", **more: object) -> httpx.Response:
    body = {"msg_type": "text", "content": {"text": text}, **more}
    return await sim.http.post(f"/open-apis/bot/v2/hook/{token}", json=body)


async def test_robots_say_yes_in_their_own_words(sim: Sim) -> None:
    assert await _ding(sim, "robot") == {"errcode": 0, "errmsg": "ok"}
    answer = await _hook(sim, "bot", "你好")
    assert (answer.status_code, answer.json()) == (
        200,
        {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"},
    )
    first, second = await sim.receipts()
    assert (first["platform"], first["target"], first["text"], first["accepted"]) == ("dingtalk", "robot", "hi", True)
    assert (second["platform"], second["target"], second["text"], second["accepted"]) == ("feishu", "bot", "你好", True)


@pytest.mark.parametrize(
    ("state", "code"), [("kicked", 400106), ("blocked", 400102), ("deleted", 400013), ("unknown", 300005)]
)
async def test_a_closed_dingtalk_robot(sim: Sim, state: str, code: int) -> None:
    await sim.control("targets", platform="dingtalk", target="robot", state=state)
    assert (await _ding(sim, "robot"))["errcode"] == code
    assert (await _ding(sim, "other"))["errcode"] == 0


async def test_a_bad_dingtalk_call(sim: Sim) -> None:
    assert (await sim.http.post("/robot/send", json={})).json()["errcode"] == 40035
    assert (await _ding(sim, "robot", kind="poem"))["errcode"] == 400105
    assert (await _ding(sim, "robot", ""))["errcode"] == 40035
    assert (await _ding(sim, "robot", "x" * 19_000))["errcode"] == 0
    assert (await _ding(sim, "robot", "字" * 7000))["errcode"] == 460101
    assert (await _ding(sim, "robot", "# hi", kind="markdown"))["errcode"] == 0


def _ding_sign(at: float, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at * 1000))
    mac = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(mac).decode()}


async def test_dingtalks_locks_are_tried_in_order(sim: Sim) -> None:
    locks = {"keyword": "通知", "secret": SECRET, "ip_refused": True}
    await sim.control("targets", platform="dingtalk", target="robot", **locks)

    async def words(text: str, **query: str) -> str:
        answer = await _ding(sim, "robot", text, **query)
        assert answer["errcode"] == 310000
        return str(answer["errmsg"])

    now = time.time()
    assert await words("hi", **_ding_sign(now)) == "keywords not in content"
    assert await words("通知") == "invalid timestamp"
    assert await words("通知", **_ding_sign(now - 3700)) == "invalid timestamp"
    assert await words("通知", **_ding_sign(now, "another")) == "sign not match"
    assert await words("通知", **_ding_sign(now)) == "ip 127.0.0.1 not in whitelist"
    assert not any(receipt["accepted"] for receipt in await sim.receipts())


async def test_who_exceeds_twenty_a_minute_is_shut_out_for_ten(sim: Sim) -> None:
    for _ in range(20):
        assert (await _ding(sim, "robot"))["errcode"] == 0
    assert (await _ding(sim, "robot")) == {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
    assert (await _ding(sim, "other"))["errcode"] == 0
    await sim.forward(500)
    assert (await _ding(sim, "robot"))["errcode"] == 130101
    await sim.forward(599)
    assert (await _ding(sim, "robot"))["errcode"] == 130101, "a call meanwhile begins the penalty again"
    assert await sim.violations() == 3
    await sim.forward(601)
    assert (await _ding(sim, "robot"))["errcode"] == 0


async def test_the_layer_before_the_robots_names_no_code(sim: Sim) -> None:
    await sim.control("targets", platform="dingtalk", target="robot", says="x5")
    answers = [await _ding(sim, "robot") for _ in range(21)]
    assert "errcode" not in answers[-1]
    assert (answers[-1]["punish"], answers[-1]["status"]) == ("deny", 1111)


@pytest.mark.parametrize("state", ["kicked", "blocked", "deleted", "unknown"])
async def test_a_closed_feishu_bot_is_found_before_its_body_is_read(sim: Sim, state: str) -> None:
    await sim.control("targets", platform="feishu", target="bot", state=state)
    answer = await sim.http.post("/open-apis/bot/v2/hook/bot", content=b"{")
    assert answer.json()["code"] == 19001
    assert answer.json()["msg"] == "param invalid: incoming webhook access token invalid"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"msg_type":"poem"}', b'{"msg_type":"text","content":{}}'])
async def test_a_bad_feishu_call(sim: Sim, body: bytes) -> None:
    answer = await sim.http.post("/open-apis/bot/v2/hook/bot", content=body)
    assert (answer.status_code, answer.json()) == (400, {"code": 9499, "msg": "Bad Request", "data": {}})


async def test_feishu_takes_twenty_kilobytes_and_other_kinds(sim: Sim) -> None:
    assert (await _hook(sim, "bot", "x" * 20_000)).json()["code"] == 0
    assert (await _hook(sim, "bot", "x" * 20_500)).json()["code"] == 9499
    card = {"msg_type": "interactive", "card": {"elements": []}}
    assert (await sim.http.post("/open-apis/bot/v2/hook/bot", json=card)).json()["code"] == 0


def _hook_sign(at: float, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at))
    return {
        "timestamp": stamp,
        "sign": base64.b64encode(hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode(),
    }


async def test_feishus_locks(sim: Sim) -> None:
    await sim.control("targets", platform="feishu", target="bot", secret=SECRET, keyword="通知")

    async def code(text: str, **more: object) -> int:
        return int((await _hook(sim, "bot", text, **more)).json()["code"])

    now = time.time()
    assert await code("通知") == 19021
    assert await code("通知", **_hook_sign(now - 3700)) == 19021
    assert await code("通知", **_hook_sign(now, "another")) == 19021
    stamp = str(int(now))
    swapped = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert await code("通知", timestamp=stamp, sign=base64.b64encode(swapped).decode()) == 19021, "DingTalk's way"
    assert await code("hi", **_hook_sign(now)) == 19024
    assert await code("通知", **_hook_sign(now)) == 0
    await sim.control("targets", platform="feishu", target="bot", ip_refused=True)
    assert await code("hi") == 19022


async def test_feishu_takes_five_a_second_and_100_a_minute(sim: Sim) -> None:
    for _ in range(20):
        for _ in range(5):
            assert (await _hook(sim, "bot")).json()["code"] == 0
        await sim.forward(1.1)
    answer = await _hook(sim, "bot")
    assert (answer.status_code, answer.json()["code"]) == (200, 11232)
    await sim.forward(60)
    for _ in range(5):
        assert (await _hook(sim, "bot")).json()["code"] == 0
    await sim.control("targets", platform="feishu", target="bot", says="9499")
    answers = [await _hook(sim, "bot") for _ in range(12)]
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert (refused.status_code, refused.json()["msg"]) == (400, "too many request")
