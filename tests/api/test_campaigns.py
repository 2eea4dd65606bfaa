"""`POST /campaigns` and what follows: made once per key, refused with the field's name, launched once, and streamed."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from app.flows.kit import Kit
from app.flows.plan import plan
from app.flows.watch import watch
from tests.api.conftest import Headers, Pointers

API = "/api/v1/campaigns"
BODY: dict[str, Any] = {"title": "Storm", "body": "Please stay indoors.", "relay_minutes": 30}


async def _draft(client: httpx.AsyncClient, headers: Headers, key: str = "k1", **changes: Any) -> httpx.Response:
    return await client.post(API, headers={**headers, "Idempotency-Key": key}, json={**BODY, **changes})


async def _with_group(client: httpx.AsyncClient, headers: Headers) -> None:
    group = {"name": "G1", "platform": "manual"}
    leader = (await client.post("/api/v1/leaders", headers=headers, json={"name": "Wang", "contact": "none"})).json()
    made = (await client.post("/api/v1/groups", headers=headers, json=group)).json()
    body = {"leader_id": leader["id"], "group_id": made["id"], "rank": 0}
    answer = await client.post("/api/v1/assignments", headers=headers, json=body)
    assert answer.status_code == 201, answer.text


async def test_a_hundred_parallel_posts_with_one_key_make_one_campaign(
    client: httpx.AsyncClient, operator: Headers
) -> None:
    answers = await asyncio.gather(*(_draft(client, operator) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == 99
    assert len((await client.get(API, headers=operator)).json()["items"]) == 1


async def test_the_same_key_with_another_body_makes_nothing(client: httpx.AsyncClient, operator: Headers) -> None:
    await _draft(client, operator)
    other = await _draft(client, operator, title="Another")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await client.get(API, headers=operator)).json()["items"]) == 1


async def test_another_centers_key_is_another_key(
    client: httpx.AsyncClient, operator: Headers, stranger: Headers
) -> None:
    mine, theirs = await _draft(client, operator), await _draft(client, stranger)
    assert mine.json()["id"] != theirs.json()["id"]


async def test_a_key_must_be_there_and_be_visible_ascii(client: httpx.AsyncClient, operator: Headers) -> None:
    missing = await client.post(API, headers=operator, json=BODY)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_missing")
    assert (await _draft(client, operator, key="k" * 256)).status_code == 422
    assert (await _draft(client, operator, key="a b")).status_code == 422


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "a\u0000b"}, "/title"),
        ({"body": None}, "/body"),
        ({"script": {"slug": "welcome"}}, "/body"),
        ({"relay_minutes": 0}, "/relay_minutes"),
        ({"relay_minutes": "30"}, "/relay_minutes"),
        ({"relay_minutes": True}, "/relay_minutes"),
        ({"relay_minutes": 2**63}, "/relay_minutes"),
        ({"window_minutes": -1}, "/window_minutes"),
        ({"audience": {"branches": ["brn_nowhere"]}}, "/audience/branches/0"),
        ({"audience": {"groups": ["grp_a", "not an id"]}}, "/audience/groups/1"),
        ({"audience": {"everyone": True}}, "/audience/everyone"),
        ({"pacing": {"min_gap_s": 5, "max_gap_s": 1}}, "/pacing"),
        ({"escalation": {"steps": [{"at_percent": 1001, "action": "remind"}]}}, "/escalation/steps/0/at_percent"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "/send_at"),
        ({"send_at": "2026-03-02T12:00:00"}, "/send_at"),
        ({"drill": True}, "/drill"),
        ({"mention_all": "yes"}, "/mention_all"),
        ({"route": "pigeon"}, "/route"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_made(
    client: httpx.AsyncClient, operator: Headers, pointers: Pointers, changes: dict[str, Any], pointer: str
) -> None:
    refused = await _draft(client, operator, **changes)
    assert refused.status_code == 422, refused.text
    assert pointer in pointers(refused)
    assert (await client.get(API, headers=operator)).json()["items"] == []


async def test_a_script_without_its_variables_is_refused_by_their_names(
    client: httpx.AsyncClient, operator: Headers, pointers: Pointers
) -> None:
    script = {
        "slug": "meet",
        "title": "Meeting",
        "category": "event",
        "variables": [{"name": "place", "type": "text", "description": "where", "example": "east gate"}],
        "texts": {"en": "We meet at {place}."},
    }
    made = await client.post("/api/v1/scripts", headers=operator, json=script)
    assert made.status_code == 201, made.text
    refused = await _draft(client, operator, body=None, script={"slug": "meet", "variables": {}})
    assert (refused.status_code, pointers(refused)) == (422, {"/script/variables/place"})
    assert (await _draft(client, operator, body=None, script={"slug": "nowhere"})).status_code == 404
    drafted = await _draft(client, operator, body=None, script={"slug": "meet", "variables": {"place": "the bridge"}})
    assert (drafted.json()["script"], drafted.json()["script_version"]) == ("meet", 1)


async def test_an_empty_audience_blocks_the_launch_and_preflight_says_so_first(
    client: httpx.AsyncClient, operator: Headers, pointers: Pointers
) -> None:
    campaign = (await _draft(client, operator)).json()["id"]
    seen = (await client.post(f"{API}/{campaign}/preflight", headers=operator)).json()
    assert [finding["code"] for finding in seen["blockers"]] == ["empty_audience"]
    refused = await client.post(f"{API}/{campaign}/launch", headers=operator)
    assert (refused.status_code, refused.json()["code"]) == (409, "blocked")
    assert pointers(refused) == {"/blockers/empty_audience"}


async def test_a_campaign_is_launched_once_and_told_only_what_its_state_allows(
    client: httpx.AsyncClient, owner: Headers
) -> None:
    await _with_group(client, owner)
    campaign = (await _draft(client, owner)).json()["id"]
    assert (await client.post(f"{API}/{campaign}/pause", headers=owner)).status_code == 409
    answers = await asyncio.gather(*(client.post(f"{API}/{campaign}/launch", headers=owner) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
    assert (await client.post(f"{API}/{campaign}/resume", headers=owner)).status_code == 409
    for _ in range(2):
        assert (await client.post(f"{API}/{campaign}/cancel", headers=owner)).json()["control"] == "cancelled"
    assert (await client.post(f"{API}/{campaign}/resume", headers=owner)).status_code == 409


async def test_another_centers_campaign_is_not_there(
    client: httpx.AsyncClient, operator: Headers, stranger: Headers
) -> None:
    campaign = (await _draft(client, operator)).json()["id"]
    for path in ("", "/relays", "/missed", "/tree", "/deliveries", "/stream"):
        assert (await client.get(f"{API}/{campaign}{path}", headers=stranger)).status_code == 404
    for verb in ("preflight", "launch", "pause", "resume", "cancel", "links"):
        assert (await client.post(f"{API}/{campaign}/{verb}", headers=stranger)).status_code == 404


async def test_a_planned_campaign_can_be_read_from_every_side(
    client: httpx.AsyncClient, owner: Headers, kit: Kit
) -> None:
    await _with_group(client, owner)
    campaign = (await _draft(client, owner)).json()["id"]
    await client.post(f"{API}/{campaign}/launch", headers=owner)
    await plan(kit, campaign)
    [relay] = (await client.get(f"{API}/{campaign}/relays", headers=owner)).json()["items"]
    story = (await client.get(f"/api/v1/relays/{relay['id']}", headers=owner)).json()
    assert story["text"] == "Please stay indoors."
    assert [event["became"] for event in story["events"]] == ["planned", "assigned"]
    assert story["reason"] == "no account can write to the leader: hand out the link"
    [link] = (await client.post(f"{API}/{campaign}/links", headers=owner)).json()["items"]
    assert (link["leader"], link["groups"], link["open"]) == ("Wang", 1, 1)


async def test_the_stream_tells_every_move_once_and_ends_with_the_process(
    client: httpx.AsyncClient, owner: Headers, kit: Kit
) -> None:
    await _with_group(client, owner)
    campaign = (await _draft(client, owner)).json()["id"]
    await client.post(f"{API}/{campaign}/launch", headers=owner)
    stopping = asyncio.Event()
    told = []
    async for news in watch(kit, campaign, after=0, stopping=stopping):
        if news is not None:
            told.append((news.subject, news.became))
            if len(told) == 1:
                await plan(kit, campaign)
        elif len(told) >= 3:
            stopping.set()
    assert told == [("campaign", "running"), ("relay", "planned"), ("relay", "assigned")]
    again = [news async for news in _until_quiet(kit, campaign, after=10**9)]
    assert again == []
    assert json.dumps(told)


async def _until_quiet(kit: Kit, campaign: str, *, after: int) -> Any:
    stopping = asyncio.Event()
    async for news in watch(kit, campaign, after=after, stopping=stopping):
        if news is None:
            return
        yield news
