"""Commands that go over REST: what they send, and how every kind of refusal reads."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.api.new_campaign import NewCampaign
from tests.cli.conftest import Muster
from tests.servers import free_port

MOVED = [{"group_id": "grp_1", "group": "群一", "was": "East", "now": "West"}]
GONE = [{"group_id": "grp_2", "group": "旧群", "branch": "East", "was": "dormant"}]
COUNTS = {
    "create": 2,
    "update": 1,
    "unchanged": 0,
    "errors": [],
    "import_id": "imp_1",
    "moved": MOVED,
    "moved_count": 1,
    "renamed": [],
    "leader_changed": [],
    "vanished": GONE,
    "vanished_count": 1,
}
FLAWS = [{"row": 3, "column": "platform", "code": "unknown_platform", "message": "No platform \x1b[31m'x'."}]


class Api(ThreadingHTTPServer):
    """A server that answers what it is told to and keeps what it was asked."""

    answer: tuple[int, str, bytes] = (200, "application/json", b"{}")

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answers(self, status: int, body: object, kind: str = "application/json") -> None:
        self.answer = (status, kind, body if isinstance(body, bytes) else json.dumps(body).encode())


class Asked(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        status, kind, answer = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name for it
        """Stay quiet."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sheet(bare: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MUSTER_API_KEY", "mk_test")
    path = bare.parent / "群.csv"
    path.write_text("group,platform\n一群,manual\n", encoding="utf-8")
    return str(path)


def test_an_import_is_a_dry_run_until_it_is_told_to_save(muster: Muster, api: Api, sheet: str) -> None:
    api.answers(200, COUNTS)
    told = muster("import", sheet, "--url", api.url)
    assert told.code == 0
    assert "to create: 2" in told.out
    assert "--save" in told.out
    assert muster("import", sheet, "--url", api.url, "--save").out.startswith("created: 2")
    (path, headers, dry), (_, _, saved) = api.asked
    assert path == "/api/v1/imports"
    assert headers["authorization"] == "Bearer mk_test"
    assert b'name="dry_run"\r\n\r\ntrue' in dry
    assert b'name="dry_run"\r\n\r\nfalse' in saved
    assert "一群,manual".encode() in dry


def test_an_import_shows_who_moved_and_who_is_not_named_any_more(muster: Muster, api: Api, sheet: str) -> None:
    api.answers(200, COUNTS)
    told = muster("import", sheet, "--url", api.url, "--vanished", "archive")
    assert told.out.split("\n\n")[1].split() == [
        *("moved", "to", "another", "branch:", "1"),
        *("group", "was", "now"),
        *("群一", "East", "West"),
    ]
    assert "旧群   dormant  East" in told.out
    assert b'name="vanished"\r\n\r\narchive' in api.asked[0][2]


def test_wrong_rows_are_shown_as_a_table_and_fail(muster: Muster, api: Api, sheet: str) -> None:
    api.answers(200, COUNTS | {"errors": FLAWS})
    told = muster("import", sheet, "--url", api.url, "--save")
    assert told.code == 1
    assert told.out.splitlines()[0].split() == ["row", "column", "code", "message"]
    assert "unknown_platform" in told.out
    assert "\x1b" not in told.out, "a cell of the sheet spoke to the terminal"
    assert "Nothing was saved" in told.err
    partial = muster("import", sheet, "--url", api.url, "--save", "--partial")
    assert (partial.code, "created: 2" in partial.out) == (0, True)


def test_programs_get_the_answer_itself(muster: Muster, api: Api, sheet: str) -> None:
    api.answers(200, COUNTS)
    assert json.loads(muster("import", sheet, "--url", api.url, "--json").out) == COUNTS


def test_a_problem_document_reads_as_sentences_with_its_fields(muster: Muster, api: Api, sheet: str) -> None:
    fields = [{"pointer": "/body/file", "message": "This is no sheet."}]
    problem = {"title": "Unprocessable", "status": 422, "code": "bad", "detail": "It cannot be read.", "errors": fields}
    api.answers(422, problem, "application/problem+json")
    told = muster("import", sheet, "--url", api.url)
    assert told.code == 1
    assert told.err.splitlines()[-2:] == ["muster: It cannot be read.", "  /body/file: This is no sheet."]


@pytest.mark.parametrize("body", [b"<html>502</html>", b"[]", b'{"detail": null}', b"", b'{"detail":"x","errors":7}'])
def test_an_answer_that_is_no_problem_document_is_named_by_its_status(
    muster: Muster, api: Api, sheet: str, body: bytes
) -> None:
    api.answers(502, body)
    told = muster("import", sheet, "--url", api.url)
    assert told.code == 1
    assert "502" in told.err
    assert "Traceback" not in told.err


def test_an_answer_of_another_program_is_a_failure(muster: Muster, api: Api, sheet: str) -> None:
    api.answers(200, b"<html>hello</html>", "text/html")
    told = muster("import", sheet, "--url", api.url)
    assert told.code == 1
    assert "not Muster" in told.err


def test_when_nobody_answers_it_says_what_to_do(muster: Muster, sheet: str) -> None:
    told = muster("import", sheet, "--url", f"http://127.0.0.1:{free_port()}")
    assert told.code == 1
    assert "muster up" in told.err


def test_the_address_comes_from_the_option_then_the_setting(
    muster: Muster, api: Api, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answers(200, COUNTS)
    monkeypatch.setenv("MUSTER_API_URL", api.url)
    assert muster("import", sheet).code == 0
    assert muster("import", sheet, "--url", f"http://127.0.0.1:{free_port()}").code == 1
    monkeypatch.delenv("MUSTER_API_URL")
    monkeypatch.setenv("MUSTER_PORT", str(api.server_port))
    assert muster("import", sheet).code == 0


@pytest.mark.parametrize("url", ["ftp://x", "nowhere", "http://", "http://a b", "http://[::1"])
def test_an_address_that_is_none_is_refused(muster: Muster, sheet: str, url: str) -> None:
    told = muster("import", sheet, "--url", url)
    assert told.code == 1
    assert "address" in told.err
    assert "Traceback" not in told.err


def test_without_a_key_it_asks_for_one(muster: Muster, api: Api, sheet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSTER_API_KEY")
    told = muster("import", sheet, "--url", api.url)
    assert told.code == 1
    assert "MUSTER_API_KEY" in told.err
    assert api.asked == []


def test_a_broken_key_is_told_before_it_is_sent(muster: Muster, api: Api, sheet: str) -> None:
    assert muster("import", sheet, "--url", api.url, "--key", "mk_\n").code == 1
    assert muster("import", sheet, "--url", api.url, "--key", "密钥").code == 1
    assert api.asked == []


@pytest.mark.parametrize("words", [("nowhere.csv",), (), ("{sheet}", "--partial"), ("{sheet}", "--sav")])
def test_wrong_usage_ends_with_two(muster: Muster, sheet: str, words: tuple[str, ...]) -> None:
    assert muster("import", *(word.format(sheet=sheet) for word in words)).code == 2


def test_a_draft_says_how_it_goes_down_the_tree_and_what_has_to_be_shown(muster: Muster, api: Api, bare: Path) -> None:
    api.answers(201, {"id": "cmp_1"})
    words = ("campaign", "new", "--title", "Storm", "--text", "Stay in.", "--url", api.url, "--key", "mk_test")
    asked = ("90@80%", "50%@40%@Land/East", "100@2026-12-01T18:00:00+08:00")
    told = muster(*words, "--cascade", "tier-by-tier", "--proof", "code", *(f"--quorum={one}" for one in asked))
    assert "muster campaign preflight cmp_1" in told.out
    draft = NewCampaign.model_validate_json(api.asked[0][2]).draft()
    assert (draft.cascade, draft.proof, draft.proof_percent) == ("tier_by_tier", "code", 100)
    assert [tuple(one.values()) for one in draft.quorum] == [
        (90, None, 80, None),
        (50, None, 40, "Land/East"),
        (100, "2026-12-01T18:00:00+08:00", None, None),
    ]
    assert muster(*words, "--proof", "words", "--proof-percent", "10").code == 0
    plain = NewCampaign.model_validate_json(api.asked[1][2]).draft()
    assert (plain.cascade, plain.proof, plain.proof_percent, plain.quorum) == ("at_once", "words", 10, [])
    for wrong in ("90", "@80%", "90@", "ninety@80%", "90@80%@"):
        refused = muster(*words, "--quorum", wrong)
        assert (refused.code, "--quorum 90@80%" in refused.err) == (2, True), wrong
    assert len(api.asked) == 2
