"""A sheet over the API: looked at by default, saved when asked, refused as a problem when it is no sheet."""

from typing import Any

import httpx
import pytest

from app.core.settings import ROOT
from tests.api.conftest import Headers, Pointers

SAMPLE = (ROOT / "docs" / "sample-directory.csv").read_bytes()
URL = "/api/v1/imports"
SHEET = "群名称,平台,负责人\n上海一群,manual,王芳\n杭州一群,manual,李强\n"
BAD = "group,platform,members\na,manual,1\nb,manual,many\n"


async def send(client: httpx.AsyncClient, headers: Headers, content: bytes, **choices: Any) -> httpx.Response:
    name = choices.pop("name", "groups.csv")
    return await client.post(URL, headers=headers, files={"file": (name, content, "text/csv")}, **choices)


async def groups(client: httpx.AsyncClient, headers: Headers) -> list[str]:
    items = (await client.get("/api/v1/groups", headers=headers)).json()["items"]
    return sorted(item["name"] for item in items)


async def test_a_sheet_is_only_looked_at_unless_it_is_to_be_saved(client: httpx.AsyncClient, owner: Headers) -> None:
    for choices in ({}, {"data": {"dry_run": "true"}}, {"params": {"dry_run": "true"}}):
        answer = await send(client, owner, SHEET.encode("gb18030"), **choices)
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert [report[name] for name in ("create", "update", "unchanged", "errors")] == [2, 0, 0, []]
        assert (report["dry_run"], report["saved"], report["encoding"]) == (True, False, "gb18030")
        assert (await client.get(f"{URL}/{report['import_id']}", headers=owner)).json() == report
    assert await groups(client, owner) == []


@pytest.mark.parametrize("choices", [{"data": {"dry_run": "false"}}, {"params": {"dry_run": "false"}}])
async def test_a_form_field_or_a_query_parameter_saves_it(
    client: httpx.AsyncClient, owner: Headers, choices: dict[str, Any]
) -> None:
    report = (await send(client, owner, SHEET.encode(), **choices)).json()
    assert (report["saved"], report["create"], report["leaders_created"]) == (True, 2, 2)
    assert await groups(client, owner) == ["上海一群", "杭州一群"]


@pytest.mark.parametrize("place", ["data", "params"])
async def test_partial_leaves_the_wrong_rows_out(client: httpx.AsyncClient, owner: Headers, place: str) -> None:
    report = (await send(client, owner, BAD.encode(), **{place: {"dry_run": "false"}})).json()
    assert report["saved"] is False
    flaw = {name: report["errors"][0][name] for name in ("row", "column", "code")}
    assert flaw == {"row": 3, "column": "members", "code": "bad_members"}
    assert await groups(client, owner) == []
    report = (await send(client, owner, BAD.encode(), **{place: {"dry_run": "false", "partial": "true"}})).json()
    assert (report["saved"], report["create"], len(report["errors"])) == (True, 1, 1)
    assert await groups(client, owner) == ["a"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe\x00"])
async def test_what_is_no_sheet_is_a_problem_with_the_file(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers, content: bytes
) -> None:
    answer = await send(client, owner, content)
    assert answer.status_code == 422
    assert pointers(answer) == {"/file"}


async def test_a_request_without_a_file_or_with_a_strange_choice_is_refused(
    client: httpx.AsyncClient, owner: Headers, pointers: Pointers
) -> None:
    assert (await client.post(URL, headers=owner)).status_code == 422
    assert (await client.post(URL, headers=owner, json={"file": "x"})).status_code in {415, 422}
    answer = await send(client, owner, SHEET.encode(), data={"dry_run": "perhaps"})
    assert answer.status_code == 422
    assert pointers(answer) == {"/dry_run"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202egpj.csv", "x" * 3_000, "群.xlsx"])
async def test_the_files_name_and_type_decide_nothing(client: httpx.AsyncClient, owner: Headers, name: str) -> None:
    answer = await send(client, owner, SHEET.encode(), name=name)
    assert answer.status_code == 200, answer.text


async def test_a_sheet_above_the_usual_body_cap_comes_in(client: httpx.AsyncClient, owner: Headers) -> None:
    rows = "".join(f"{'g' * 150}{number},manual\n" for number in range(10_000))
    report = (await send(client, owner, b"group,platform\n" + rows.encode())).json()
    assert report["create"] == 10_000


async def test_readers_may_not_import(client: httpx.AsyncClient, viewer: Headers) -> None:
    assert (await send(client, viewer, SHEET.encode())).status_code == 403


async def test_another_centers_import_is_unknown(client: httpx.AsyncClient, owner: Headers, stranger: Headers) -> None:
    report = (await send(client, owner, SHEET.encode())).json()
    assert (await client.get(f"{URL}/{report['import_id']}", headers=stranger)).status_code == 404


async def test_the_sample_of_the_documentation_comes_in_as_it_stands(client: httpx.AsyncClient, owner: Headers) -> None:
    report = (await send(client, owner, SAMPLE, data={"dry_run": "false"})).json()
    assert report["errors"] == []
    assert (report["create"], report["merged"], report["accounts_created"]) == (12, [], 2)
    again = (await send(client, owner, SAMPLE, data={"dry_run": "false"})).json()
    assert (again["create"], again["update"], again["unchanged"]) == (0, 0, 12)
