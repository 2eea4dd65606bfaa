"""The practice Teams speaks the trigger's own language: a card goes in, 202 comes out."""

from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Sim

CARD = "application/vnd.microsoft.card.adaptive"
DIRECT = "/powerautomate/automations/direct"


def _card(*texts: str) -> dict[str, Any]:
    blocks = [{"type": "TextBlock", "text": text, "wrap": True} for text in texts]
    content = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}]}


async def _say(
    sim: Sim, body: object, *, flow: str = "flow0001", prefix: str = "", query: str = "sig=s"
) -> httpx.Response:
    return await sim.http.post(f"{prefix}/workflows/{flow}/triggers/manual/paths/invoke?{query}", json=body)


@pytest.mark.parametrize("prefix", ["", DIRECT])
async def test_a_card_is_taken_without_a_word(sim: Sim, prefix: str) -> None:
    answer = await _say(sim, _card("你好", "再见"), prefix=prefix)
    assert (answer.status_code, answer.content) == (202, b"")
    (receipt,) = await sim.receipts()
    assert (receipt["platform"], receipt["target"], receipt["text"]) == ("teams", "flow0001", "你好\n\n再见")


async def test_only_an_empty_line_ends_a_line_of_a_card(sim: Sim) -> None:
    await _say(sim, _card("one\n\ntwo\n\n\n\nthree\nstill three"))
    assert [receipt["text"] for receipt in await sim.receipts()] == ["one\ntwo\n\nthree still three"]


async def test_a_workflow_takes_four_a_second(sim: Sim) -> None:
    answers = [await _say(sim, _card("hi")) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 202, 429]
    assert await sim.violations() == 1
    assert (await _say(sim, _card("hi"), flow="flow0002")).status_code == 202
    await sim.forward(1.1)
    assert (await _say(sim, _card("hi"))).status_code == 202


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("unknown", 404, "WorkflowNotFound"),
        ("migrated", 404, "WorkflowNotFound"),
        ("kicked", 401, "DirectApiAuthorizationRequired"),
        ("blocked", 403, "AuthorizationFailed"),
        ("deleted", 400, "WorkflowTriggerIsNotEnabled"),
    ],
)
async def test_a_closed_workflow(sim: Sim, state: str, status: int, code: str) -> None:
    await sim.control("targets", platform="teams", target="flow0001", state=state)
    answer = await _say(sim, _card("hi"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_without_its_signature_nothing_goes(sim: Sim) -> None:
    answer = await _say(sim, _card("hi"), query="api-version=1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "DirectApiAuthorizationRequired")


@pytest.mark.parametrize("body", [{}, [], {"text": "hi"}, _card(), {"attachments": [{"contentType": "text/plain"}]}])
async def test_what_is_no_card_is_refused(sim: Sim, body: object) -> None:
    answer = await _say(sim, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")


async def test_a_body_beyond_28_kilobytes_is_refused(sim: Sim) -> None:
    assert (await _say(sim, _card("x" * 29_000))).status_code == 413
    assert (await _say(sim, _card("x" * 28_000))).status_code == 202
