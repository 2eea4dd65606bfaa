"""What the practice platforms tell by themselves, the real adapters understand, though they share no line of code."""

from typing import Any

import pytest

from app.channels.inbound import Call, Hearing, Hears, Matter, Refusal
from app.channels.registry import channels
from tests.channels.callers import AES, WHSEC
from tests.conftest import T0
from tests.simulator.conftest import Sim

M = Matter
SECRETS = {
    "telegram": {"bot_token": "42:abc", "webhook_secret": "said-by-telegram"},
    "slack": {"bot_token": "xoxb-1", "signing_secret": "8f742231b10e8888"},
    "feishu": {"app_id": "cli", "app_secret": "s", "verification_token": "vt", "encrypt_key": "test key"},
    "wecom": {"corp_id": "ww1", "corp_secret": "s", "agent_id": "1", "callback_token": "tok", "encoding_aes_key": AES},
    "webhook": {"signing_secret": WHSEC},
    "matrix": {"access_token": "syt", "hs_token": "said-by-the-homeserver", "user_id": "@muster:a.example"},
}
WAYS = {"slack": "slack_app", "feishu": "feishu_app", "wecom": "wecom_app"}
CHATS = {
    "telegram": "-1001",
    "slack": "C1",
    "feishu": "oc_1",
    "wecom": "",
    "webhook": "https://a.example/x",
    "matrix": "!r:a.example",
}
TOLD = {
    "removed": M.GONE,
    "added": M.BACK,
    "moved": M.MOVED,
    "said": M.SAID,
    "delivered": M.DELIVERED,
    "failed": M.FAILED,
    "read": M.READ,
}
SILENT = {
    "telegram": {"hello", "delivered", "failed", "read"},
    "slack": {"delivered", "failed", "read"},
    "feishu": {"moved", "delivered", "failed", "read"},
    "wecom": set(TOLD) - {"said"},
    "webhook": {"hello", "moved"},
    "matrix": {"hello", "delivered", "failed", "read"},
}


def _tell(platform: str, what: str, **more: Any) -> dict[str, Any]:
    person = "7" if platform == "telegram" else "U7"
    facts = {"target": CHATS[platform], "moved_to": "-1002", "person": person, "text": "收到", "delivery": "dlv_1"}
    wanted = {"platform": platform, "what": what, "secret": SECRETS[platform], "at": T0.timestamp()}
    return {**wanted, **facts, **more}


def _heard(platform: str, request: dict[str, Any]) -> Hearing | Refusal:
    channel = channels()[WAYS.get(platform, platform)]
    assert isinstance(channel, Hears)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    body = request["body"].encode()
    return channel.hear(Call(T0, request["method"], request["query"], headers, body, SECRETS[platform]))


@pytest.mark.parametrize("platform", SECRETS)
async def test_whatever_a_platform_tells_is_understood(sim: Sim, platform: str) -> None:
    for what in ("hello", *TOLD):
        answer = await sim.http.post("/_sim/tell", json=_tell(platform, what))
        if what in SILENT[platform]:
            assert answer.status_code == 422, what
            continue
        heard = _heard(platform, answer.json()["request"])
        assert isinstance(heard, Hearing), (what, heard)
        assert [one.matter for one in heard.told] == [TOLD[what]] if what in TOLD else heard.answer, what


@pytest.mark.parametrize("platform", SECRETS)
async def test_a_forged_one_is_refused(sim: Sim, platform: str) -> None:
    answer = await sim.http.post("/_sim/tell", json=_tell(platform, "said", forged=True))
    assert isinstance(_heard(platform, answer.json()["request"]), Refusal)


async def test_it_is_sent_as_often_as_asked_and_only_on_this_machine(sim: Sim) -> None:
    url = f"{sim.base}/webhook/ours"
    answer = await sim.http.post("/_sim/tell", json=_tell("webhook", "delivered", url=url, times=3))
    assert answer.json()["statuses"] == [200] * 3
    away = await sim.http.post("/_sim/tell", json=_tell("webhook", "delivered", url="http://example.org/"))
    assert away.status_code == 422
