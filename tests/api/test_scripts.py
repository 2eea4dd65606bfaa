"""The library over HTTP: a center's own scripts, their versions, and previews measured as each platform measures."""

import httpx
import pytest

from app.domain.scripts import service
from app.flows.kit import Kit
from tests.api.conftest import Headers, Pointers, Tenant

API = "/api/v1/scripts"
OWN = {
    "slug": "storm-warning",
    "title": "大风预警 · Storm warning",
    "category": "incident",
    "variables": [
        {"name": "date", "type": "date", "description": "day", "example": "2026-03-14"},
        {"name": "place", "description": "where", "example": {"zh": "滨江", "en": "the riverside"}},
    ],
    "texts": {"zh": "{date} {place}有大风", "zh/wecom": "【预警】{date} {place}", "en": "Strong wind, {date}, {place}"},
}
VALUES = {"date": "2026-03-15", "place": "X"}


async def _post(client: httpx.AsyncClient, headers: Headers, **changes: object) -> httpx.Response:
    return await client.post(API, headers=headers, json={**OWN, **changes})


async def test_a_center_writes_a_script_and_its_next_version(client: httpx.AsyncClient, operator: Headers) -> None:
    created = await _post(client, operator)
    assert created.status_code == 201, created.text
    assert created.json() | {"created_at": None} == {
        **OWN,
        "version": 1,
        "format": "plain",
        "origin": "center",
        "languages": ["en", "zh"],
        "created_at": None,
        "variables": [
            {"choices": [], "default": None, "type": "date", **OWN["variables"][0], "example": {"": "2026-03-14"}},
            {"choices": [], "default": None, "type": "text", **OWN["variables"][1]},
        ],
    }
    again = await _post(client, operator)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    changed = await _post(client, operator, title="Changed")
    assert (changed.status_code, changed.json()["version"]) == (201, 2)
    listed = (await client.get(f"{API}/storm-warning/versions", headers=operator)).json()
    assert [(one["version"], one["title"]) for one in listed["items"]] == [(2, "Changed"), (1, OWN["title"])]


async def test_the_starters_are_listed_by_category_and_search(
    client: httpx.AsyncClient, kit: Kit, tenant: Tenant, viewer: Headers
) -> None:
    await service.sync_library(kit.db)
    first = (await client.get(API, headers=viewer, params={"limit": 5})).json()
    assert len(first["items"]) == 5
    rest = (await client.get(API, headers=viewer, params={"limit": 200, "cursor": first["next_cursor"]})).json()
    slugs = {one["slug"] for one in first["items"] + rest["items"]}
    assert len(slugs) == len(first["items"]) + len(rest["items"]) >= 12
    assert rest["next_cursor"] is None
    found = (await client.get(API, headers=viewer, params={"q": "倒计时", "category": "event"})).json()["items"]
    assert [one["slug"] for one in found] == ["deadline-countdown"]
    assert (await client.get(API, headers=viewer, params={"category": "nothing"})).json()["items"] == []


async def test_a_preview_measures_as_each_platform_does(client: httpx.AsyncClient, operator: Headers) -> None:
    await _post(client, operator)
    shown = await client.post(f"{API}/storm-warning/preview", headers=operator, json={"variables": VALUES})
    assert shown.status_code == 200, shown.text
    assert (shown.json()["slug"], shown.json()["version"]) == ("storm-warning", 1)
    texts = {(one["platform"], one["language"]): one for one in shown.json()["texts"]}
    assert texts["wecom", "zh"] == {
        "platform": "wecom",
        "language": "zh",
        "text": "【预警】2026-03-15 X",
        "size": 24,
        "limit": 2048,
        "unit": "bytes",
        "fits": True,
    }
    assert texts["telegram", "zh"]["text"] == "2026-03-15 X有大风"
    assert (texts["telegram", "zh"]["size"], texts["telegram", "zh"]["unit"]) == (15, "code points")
    assert texts["wecom", "en"]["text"] == "Strong wind, 2026-03-15, X"
    assert texts["manual", "zh"]["limit"] is None
    assert texts["manual", "zh"]["fits"] is True


async def test_a_text_too_long_for_one_platform_is_shown_as_such(client: httpx.AsyncClient, operator: Headers) -> None:
    await _post(client, operator, texts={"zh": "{date}{place}" + "长" * 700})
    wanted = {"variables": VALUES, "language": "zh-CN"}
    shown = (await client.post(f"{API}/storm-warning/preview", headers=operator, json=wanted)).json()["texts"]
    assert {one["platform"]: one["fits"] for one in shown if one["platform"] in {"wecom", "telegram", "manual"}} == {
        "wecom": False,
        "telegram": True,
        "manual": True,
    }


async def test_without_variables_the_examples_stand_in(client: httpx.AsyncClient, operator: Headers) -> None:
    await _post(client, operator)
    shown = await client.post(f"{API}/storm-warning/preview", headers=operator, json={"platform": "telegram"})
    assert {one["language"]: one["text"] for one in shown.json()["texts"]} == {
        "zh": "2026-03-14 滨江有大风",
        "en": "Strong wind, 2026-03-14, the riverside",
    }


async def test_an_old_version_is_previewed_as_it_was(client: httpx.AsyncClient, operator: Headers) -> None:
    await _post(client, operator)
    await _post(client, operator, texts={"en": "New: {date} {place}"})
    wanted = {"variables": VALUES, "version": 1, "language": "en", "platform": "webhook"}
    shown = await client.post(f"{API}/storm-warning/preview", headers=operator, json=wanted)
    assert [one["text"] for one in shown.json()["texts"]] == ["Strong wind, 2026-03-15, X"]


async def test_a_value_is_words_and_never_a_template(client: httpx.AsyncClient, operator: Headers) -> None:
    await _post(client, operator, texts={"en": "{date} {{7*7}} ${7*7} {u.__init__} {place}"})
    hostile = {"date": "2026-03-15", "place": "{date} {{place}} \\1"}
    wanted = {"variables": hostile, "platform": "telegram"}
    shown = await client.post(f"{API}/storm-warning/preview", headers=operator, json=wanted)
    assert shown.json()["texts"][0]["text"] == "2026-03-15 {{7*7}} ${7*7} {u.__init__} {date} {{place}} \\1"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"variables": {}}, {"/variables/date", "/variables/place"}),
        ({"variables": {**VALUES, "date": "tomorrow"}}, {"/variables/date"}),
        ({"variables": {**VALUES, "dat": "x"}}, {"/variables/dat"}),
        ({"variables": {**VALUES, "place": 5}}, {"/variables/place"}),
        ({"variables": {**VALUES, "place": "a\x00b"}}, {"/variables/place"}),
        ({"variables": [1]}, {"/variables"}),
        ({"variables": VALUES, "platform": "icq"}, {"/platform"}),
        ({"variables": VALUES, "version": "1"}, {"/version"}),
        ({"variables": VALUES, "version": 2**31}, {"/version"}),
        ({"variables": VALUES, "tone": "warm"}, {"/tone"}),
    ],
)
async def test_a_bad_preview_names_its_fields(
    client: httpx.AsyncClient, operator: Headers, pointers: Pointers, wanted: dict[str, object], expected: set[str]
) -> None:
    await _post(client, operator)
    response = await client.post(f"{API}/storm-warning/preview", headers=operator, json=wanted)
    assert response.status_code == 422
    assert pointers(response) == expected


DATE, PLACE = OWN["variables"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"slug": "Storm Warning"}, {"/slug"}),
        ({"slug": "a/b"}, {"/slug"}),
        ({"title": "  "}, {"/title"}),
        ({"texts": {}}, {"/texts"}),
        ({"texts": {"zh": "{date}{place}{who}"}}, {"/texts/zh"}),
        ({"texts": {"zh-CN": "{date}{place}"}}, {"/texts/zh-CN"}),
        ({"texts": {"zh/wecom": "{date}{place}"}}, {"/texts/zh~1wecom"}),
        ({"texts": {"zh": "{date}{place}\x00"}}, {"/texts/zh"}),
        ({"texts": {"zh": " \n "}, "variables": []}, {"/texts/zh"}),
        ({"texts": {"zh": "{date}"}}, {"/variables/1/name"}),
        ({"variables": [DATE, {**PLACE, "name": "__class__"}]}, {"/variables/1/name"}),
        ({"variables": [DATE, {**PLACE, "name": "date"}]}, {"/variables/1/name", "/texts/zh"}),
        ({"variables": [{**DATE, "example": "soon"}, PLACE]}, {"/variables/0/example"}),
        ({"variables": [{**DATE, "default": "soon"}, PLACE]}, {"/variables/0/default"}),
        ({"variables": [DATE, {**PLACE, "type": "choice"}]}, {"/variables/1/choices"}),
        ({"variables": [DATE, {**PLACE, "secret": 1}]}, {"/variables/1/secret"}),
        ({"center_id": "cen_x"}, {"/center_id"}),
    ],
)
async def test_a_bad_script_names_its_fields_and_is_not_saved(
    client: httpx.AsyncClient, operator: Headers, pointers: Pointers, changes: dict[str, object], expected: set[str]
) -> None:
    response = await _post(client, operator, **changes)
    assert response.status_code == 422, response.text
    assert pointers(response) >= expected
    assert (await client.get(API, headers=operator)).json()["items"] == []


async def test_another_centers_script_is_not_there(
    client: httpx.AsyncClient, operator: Headers, stranger: Headers
) -> None:
    await _post(client, operator)
    assert (await client.get(API, headers=stranger)).json()["items"] == []
    for response in (
        await client.get(f"{API}/storm-warning/versions", headers=stranger),
        await client.post(f"{API}/storm-warning/preview", headers=stranger, json={"variables": VALUES}),
        await client.post(f"{API}/storm-warning/preview", headers=operator, json={"variables": VALUES, "version": 9}),
    ):
        assert response.status_code == 404
    assert (await _post(client, stranger)).json()["version"] == 1


async def test_readers_preview_and_operators_write(
    client: httpx.AsyncClient, operator: Headers, viewer: Headers, approver: Headers
) -> None:
    for reader in (viewer, approver):
        assert (await _post(client, reader)).status_code == 403
    assert (await _post(client, operator)).status_code == 201
    shown = await client.post(f"{API}/storm-warning/preview", headers=viewer, json={"variables": VALUES})
    assert shown.status_code == 200
    assert (await client.get(API)).status_code == 401


@pytest.mark.parametrize("path", ["/versions?cursor=x", "/versions?limit=0", "/versions?limit=201"])
async def test_a_bad_page_is_refused(client: httpx.AsyncClient, operator: Headers, path: str) -> None:
    await _post(client, operator)
    assert (await client.get(f"{API}/storm-warning{path}", headers=operator)).status_code == 422


async def test_a_preview_that_grows_beyond_every_platform_is_refused(
    client: httpx.AsyncClient, operator: Headers, pointers: Pointers
) -> None:
    await _post(client, operator, texts={"en": "{date}" + "{place}" * 2_000})
    wanted = {"variables": {**VALUES, "place": "x" * 1_000}}
    response = await client.post(f"{API}/storm-warning/preview", headers=operator, json=wanted)
    assert response.status_code == 422
    assert pointers(response) == set()
