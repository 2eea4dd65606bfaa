"""Teams' Workflows webhook: every answer of its fact sheet, the card it is sent, and whose hosts are its own."""

import json
from urllib.parse import parse_qs

import pytest

from app.channels.adapters.teams import LONGEST_BODY, Teams
from app.channels.addresses import address_problem, host_allowed
from app.channels.port import Outcome, Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.logs import redact
from tests.channels.harness import CANARY, Answer, Bench
from tests.channels.platform import Heard, platform
from tests.conftest import T0

V = Verdict
QUERY = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={CANARY}%2Bx%3D"
PATH = "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke"
LEGACY = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {} with ContextId x"


def _error(code: object, message: object = "No.") -> str:
    return json.dumps({"error": {"code": code, "message": message}})


def _no(status: int, code: str, verdict: Verdict, message: str = "No.") -> Answer:
    return Answer(f"{status} {code}", status, _error(code, message), verdict)


ANSWERS = (
    Answer("started", 202, "", V.HANDED_OVER),
    Answer("started, with a word", 202, '{"x":1}', V.HANDED_OVER),
    Answer("started, as a 200", 200, "", V.HANDED_OVER),
    Answer("started, as a 200 of blanks", 200, "\r\n", V.HANDED_OVER),
    Answer("the old connectors' yes", 200, "1", V.AMBIGUOUS),
    Answer("a 200 of another box", 200, "<html>", V.AMBIGUOUS),
    Answer("no inside a 200", 200, _error("WorkflowNotFound"), V.AMBIGUOUS),
    Answer("204", 204, "", V.AMBIGUOUS),
    Answer("429", 429, _error("TooManyRequests"), V.THROTTLED, wait_s=10),
    Answer("429 and when", 429, "", V.THROTTLED, {"Retry-After": "3"}, wait_s=3),
    Answer("429 inside a 200", 200, LEGACY.format(429), V.THROTTLED, wait_s=10),
    Answer("429 inside a 202", 202, LEGACY.format(429), V.THROTTLED, wait_s=10),
    Answer("413 inside a 200", 200, LEGACY.format(413), V.CONTENT_REFUSED),
    Answer("403 inside a 200", 200, LEGACY.format(403), V.AMBIGUOUS),
    Answer("500 inside a 202", 202, LEGACY.format(500), V.AMBIGUOUS),
    Answer("413", 413, "", V.CONTENT_REFUSED),
    _no(400, "TriggerInputSchemaMismatch", V.CONTENT_REFUSED),
    _no(400, "InvalidRequestContent", V.CONTENT_REFUSED),
    _no(400, "WorkflowTriggerIsNotEnabled", V.TARGET_GONE, "trigger 'manual' with state 'Deleted'"),
    _no(401, "DirectApiAuthorizationRequired", V.TARGET_GONE),
    _no(401, "Unauthorized", V.TARGET_GONE),
    _no(403, "AuthorizationFailed", V.TARGET_GONE),
    _no(404, "WorkflowNotFound", V.TARGET_GONE),
    _no(404, "WorkflowTriggerNotFound", V.TARGET_GONE),
    _no(409, "Conflict", V.AMBIGUOUS),
    Answer("a code that is a number", 404, _error(404), V.AMBIGUOUS),
    Answer("an empty code", 404, _error(""), V.AMBIGUOUS),
    Answer("half an error", 404, _error("WorkflowNotFound")[:20], V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "<html>", V.AMBIGUOUS),
    Answer("401 without a word", 401, "", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    _no(502, "NoResponse", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("moved", 302, "", V.TARGET_GONE, {"Location": "https://elsewhere.example/"}),
    _no(401, f"{CANARY}+x=", V.TARGET_GONE, f"The signature {CANARY}+x= in ?{QUERY} is wrong"),
)

BENCH = Bench(Teams(), f"{{base}}{PATH}?{QUERY}", {}, ANSWERS, ANSWERS[0])


async def _said(text: str, *, mention_all: bool = False) -> tuple[Outcome, list[Heard]]:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        address = BENCH.address.replace("{base}", there.base)
        outcome = await Teams().post(Post("k", text, T0, address, mention_all=mention_all), http)
        await http.close()
    return outcome, there.heard


async def test_the_words_are_sent_as_a_card_with_the_whole_signature() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    path, _, query = heard.path.partition("?")
    assert (heard.method, path, parse_qs(query)) == ("POST", PATH, parse_qs(QUERY))
    assert heard.headers["content-type"] == "application/json"
    block = {"type": "TextBlock", "text": "集合：周六 9 点 🎉 <b>&amp;", "wrap": True}
    content = {"type": "AdaptiveCard", "version": "1.4", "body": [block], "msteams": {"width": "Full"}}
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    assert heard.json == {"type": "message", "attachments": [card]}


@pytest.mark.parametrize("mention_all", [False, True])
async def test_the_card_calls_nobody_and_keeps_its_lines(mention_all: bool) -> None:
    _, (heard,) = await _said("<at>Everyone</at>\ncome", mention_all=mention_all)
    assert b'"text": "<at>Everyone</at>\\n\\ncome"' in heard.body
    assert b"entities" not in heard.body


async def test_a_body_beyond_28_kilobytes_is_not_sent() -> None:
    outcome, heard = await _said("字" * 7000)
    assert outcome.verdict is V.HANDED_OVER
    assert len(heard[0].body) <= LONGEST_BODY
    for text in ("字" * 9500, '"' * 15_000, "\n" * 10_000):
        outcome, heard = await _said(text)
        assert outcome.verdict is V.CONTENT_REFUSED
        assert heard == []


def test_the_address_never_reaches_a_log() -> None:
    assert CANARY not in redact(f"POST https://prod-1.westeurope.logic.azure.com{PATH}?{QUERY} failed")


@pytest.mark.parametrize(
    "host",
    [
        "prod-12.westeurope.logic.azure.com",
        "prod-12.westeurope.logic.azure.com:443",
        "PROD-12.westeurope.Logic.Azure.com.",
        "default0123.45.environment.api.powerplatform.com:443",
    ],
)
def test_every_host_below_the_platforms_own_is_its_own(host: str) -> None:
    assert host_allowed(Teams(), f"https://{host}{PATH}?{QUERY}", Guard())
    assert address_problem(Teams(), f"https://{host}{PATH}?{QUERY}", Guard()) is None


@pytest.mark.parametrize(
    "host",
    [
        "logic.azure.com",
        "environment.api.powerplatform.com",
        "evillogic.azure.com",
        "prod.logic.azure.com.evil.example",
        "prod.logic.azure.com.evil.example:443",
        "prod-logic.azure.com",
        "prod.logic.azure.co",
        "prod.logic.azure.com:8443",
        "prod.logic.azure.com@evil.example",
        "evil.example\\.logic.azure.com",
        "evil.example%2f.logic.azure.com",
        "evil.example/.logic.azure.com",
        "evil.example?.logic.azure.com",
        "evil.example#.logic.azure.com",
        "prod.lоgic.azure.com",  # a Cyrillic o
        "api.powerplatform.com",
        "acme.webhook.office.com",
        "10.0.0.1",
    ],
)
def test_a_host_that_only_looks_like_the_platforms_is_not(host: str) -> None:
    assert not host_allowed(Teams(), f"https://{host}{PATH}?{QUERY}", Guard())
    assert address_problem(Teams(), f"https://{host}{PATH}?{QUERY}", Guard()) is not None


def test_only_https_leads_to_the_platforms_own_hosts() -> None:
    assert not host_allowed(Teams(), f"http://prod.logic.azure.com{PATH}?{QUERY}", Guard())


@pytest.mark.parametrize(
    "address",
    [
        f"https://prod-1.x.logic.azure.com{PATH}?{QUERY}",
        f"https://prod-1.x.logic.azure.com:443{PATH}?{QUERY}",
        f"https://d.environment.api.powerplatform.com/powerautomate/automations/direct{PATH}?{QUERY}",
        f"https://d.environment.api.powerplatform.com/powerautomate/automations/direct{PATH}/?{QUERY}",
        f"http://127.0.0.1:9000{PATH}?sig=x",
    ],
)
def test_a_channel_is_its_workflows_url(address: str) -> None:
    assert Teams().address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"https://prod-1.x.logic.azure.com{PATH}",
        f"https://prod-1.x.logic.azure.com{PATH}?sig=",
        f"https://prod-1.x.logic.azure.com{PATH}?sig=a&sig=b",
        f"https://prod-1.x.logic.azure.com{PATH}?sig=a#x",
        "https://prod-1.x.logic.azure.com/workflows/0123456789abcdef?sig=a",
        "https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
        f"ftp://prod-1.x.logic.azure.com{PATH}?sig=a",
        f"https://[x{PATH}?sig=a",
    ],
)
def test_anything_else_is_explained(address: str) -> None:
    problem = Teams().address_problem(address)
    assert problem is not None
    assert "sig=" in problem
