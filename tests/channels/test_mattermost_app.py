"""Mattermost by a bot's token: every answer to a post, to taking it back, and to asking after the token."""

import json
from dataclasses import replace

import pytest

from app.channels.adapters.mattermost_app import MattermostApp
from app.channels.adapters.mattermost_server import LONGEST
from app.channels.port import Credential, Post, Posted, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from tests.channels.harness import CANARY, Answer, Bench, as_expected
from tests.channels.platform import answer, platform, then_close
from tests.channels.powers import checked, recalled, tells_no_secret
from tests.channels.test_mattermost import LIMITED, error, no
from tests.conftest import T0

V = Verdict
CHANNEL = "c" * 26
POST = "p" * 26
TOKEN = f"token{CANARY}"
EXPIRED = "api.context.session_expired.app_error"


def _post(**changes: object) -> str:
    return json.dumps({"id": POST, "channel_id": CHANNEL, "message": "…", "pending_post_id": "", **changes})


LIMIT = Answer(
    "429", 429, "limit exceeded\n", V.THROTTLED, {**LIMITED, "Retry-After": "2"}, wait_s=2, scope=Scope.ACCOUNT
)
BROKEN = (
    Answer("404 from a proxy", 404, "<html>", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("502", 502, "<html>", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    no(500, "app.post.save.app_error", V.AMBIGUOUS),
)
STRANGER = (
    no(401, EXPIRED, V.CREDENTIAL_REFUSED),
    no(401, "api.context.invalid_token.error", V.CREDENTIAL_REFUSED),
    Answer("401 without a word", 401, "", V.CREDENTIAL_REFUSED),
)

ANSWERS = (
    Answer("sent", 201, _post(), V.SENT, message_id=POST),
    Answer("already there", 201, _post(pending_post_id=""), V.SENT, message_id=POST),
    Answer("sent, as a 200", 200, _post(), V.SENT, message_id=POST),
    Answer("yes for another channel", 201, _post(channel_id="d" * 26), V.AMBIGUOUS),
    Answer("yes for no channel", 201, json.dumps({"id": POST}), V.AMBIGUOUS),
    Answer("yes without a post", 201, _post(id=""), V.AMBIGUOUS),
    Answer("yes with a number", 201, _post(id=7), V.AMBIGUOUS),
    Answer("yes with true", 201, _post(id=True), V.AMBIGUOUS),
    Answer("an empty 201", 201, "", V.AMBIGUOUS),
    Answer("half a 201", 201, _post()[:30], V.AMBIGUOUS),
    Answer("yes in a 202", 202, _post(), V.AMBIGUOUS),
    Answer("yes in a 404", 404, _post(), V.AMBIGUOUS),
    Answer("no inside a 200", 200, error("api.context.permissions.app_error", 403), V.AMBIGUOUS),
    LIMIT,
    Answer("429 from a proxy", 429, "<html>", V.THROTTLED, wait_s=5, scope=Scope.ACCOUNT),
    *STRANGER,
    no(403, "api.context.permissions.app_error", V.TARGET_GONE),
    no(404, "app.channel.get.existing.app_error", V.TARGET_GONE),
    no(400, "api.post.create_post.can_not_post_to_deleted.error", V.TARGET_GONE),
    no(400, "api.post.create_post.can_not_post_in_restricted_dm.error", V.TARGET_GONE),
    no(403, "api.post.create_post.town_square_read_only", V.TARGET_GONE),
    Answer(
        "unknown channel",
        400,
        error("api.context.invalid_param.app_error", 400, "Invalid post.channel_id parameter."),
        V.TARGET_GONE,
    ),
    Answer(
        "no channel",
        400,
        error("api.context.invalid_body_param.app_error", 400, "Invalid or missing channel_id in request body."),
        V.TARGET_GONE,
    ),
    Answer(
        "another field",
        400,
        error("api.context.invalid_body_param.app_error", 400, "Invalid or missing post.type in request body."),
        V.CONTENT_REFUSED,
    ),
    no(400, "model.post.is_valid.message_length.app_error", V.CONTENT_REFUSED),
    no(400, "model.post.is_valid.type.app_error", V.CONTENT_REFUSED),
    no(413, "api.context.request_body_too_large.app_error", V.CONTENT_REFUSED),
    no(500, "api.post.deduplicate_create_post.pending", V.AMBIGUOUS),
    no(500, "api.post.deduplicate_create_post.failed_to_get", V.AMBIGUOUS),
    *BROKEN,
    Answer("the token echoed", 400, error("api.x.y", 400, f"Bearer {TOKEN} is odd"), V.CONTENT_REFUSED),
)

BENCH = Bench(MattermostApp(), CHANNEL, {"access_token": TOKEN}, ANSWERS, ANSWERS[0])

RECALLS = (
    Answer("taken back", 200, '{"status":"OK"}', V.SENT),
    no(404, "app.post.get.app_error", V.SENT),
    Answer("a 200 of another box", 200, "<html>", V.AMBIGUOUS),
    Answer("a 200 that says no", 200, '{"status":"NO"}', V.AMBIGUOUS),
    Answer("an empty 200", 200, "", V.AMBIGUOUS),
    no(404, "api.context.404.app_error", V.CONTENT_REFUSED),
    no(403, "api.context.permissions.app_error", V.CONTENT_REFUSED),
    no(400, "api.post.delete_post.can_not_delete_post_in_deleted.error", V.CONTENT_REFUSED),
    no(400, "api.post.delete_post.can_not_delete_from_restricted_dm.error", V.CONTENT_REFUSED),
    LIMIT,
    *STRANGER,
    *BROKEN,
    Answer("moved", 302, "", V.AMBIGUOUS, {"Location": "/login"}),
    Answer("the token echoed", 400, error("api.x.y", 400, TOKEN), V.CONTENT_REFUSED),
)

CHECKS = [
    (200, '{"id":"u1","username":"muster-bot"}', True),
    (200, f'{{"id":"u1","username":"{TOKEN}"}}', True),
    (200, '{"id":"u1"}', None),
    (200, '{"username":"muster-bot"}', None),
    (200, "<html>", None),
    (201, '{"id":"u1","username":"muster-bot"}', None),
    (401, error(EXPIRED, 401), False),
    (403, error("api.context.mfa_required.app_error", 403, TOKEN), False),
    (401, "<html>", None),
    (404, error("api.context.404.app_error", 404), None),
    (429, "limit exceeded", None),
    (500, error("app.user.get.app_error", 500), None),
    (302, "", None),
]


async def test_the_words_are_sent_with_the_key_and_the_token() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", "/api/v4/posts")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert heard.json == {
        "channel_id": CHANNEL,
        "message": "集合：周六 9 点 🎉 <b>&amp;",
        "pending_post_id": "dlv_0001",
    }


async def test_calls_are_silenced_here_too() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        quiet = replace(BENCH.post(there), text="@here")
        for post in (quiet, replace(quiet, mention_all=True), replace(quiet, text="字" * (LONGEST + 1))):
            await MattermostApp().post(post, http)
        await http.close()
    assert [heard.json["message"] for heard in there.heard] == ["@\u200bhere", "@channel @\u200bhere"]


@pytest.mark.parametrize("row", RECALLS, ids=str)
async def test_taking_back_is_understood(row: Answer) -> None:
    outcome, there = await recalled(BENCH, POST, row.act)
    assert as_expected(outcome, row), outcome
    assert tells_no_secret(outcome, BENCH)
    assert outcome.detail.endswith((".", "…"))
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("DELETE", f"/api/v4/posts/{POST}")
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"


async def test_a_message_id_cannot_lead_to_another_path() -> None:
    _, there = await recalled(BENCH, "../users/me", RECALLS[0].act)
    assert there.heard[0].path == "/api/v4/posts/..%2Fusers%2Fme"


async def test_taking_back_over_a_lost_line_is_unknown() -> None:
    outcome, _ = await recalled(BENCH, POST, then_close())
    assert outcome.verdict is V.AMBIGUOUS


@pytest.mark.parametrize(("status", "body", "works"), CHECKS)
async def test_asking_after_the_token_is_understood(status: int, body: str, works: bool | None) -> None:
    found, there = await checked(BENCH, answer(status, {}, body.encode()))
    assert found.works is works, found
    assert tells_no_secret(found, BENCH)
    assert found.detail.endswith((".", "…"))
    (heard,) = there.heard
    assert (heard.method, heard.path, heard.body) == ("GET", "/api/v4/users/me", b"")


async def test_asking_over_a_lost_line_tells_nothing() -> None:
    found, _ = await checked(BENCH, then_close())
    assert found.works is None


@pytest.mark.parametrize("missing", ["token", "base"])
async def test_an_account_that_lacks_something_says_nothing(missing: str) -> None:
    async with platform(BENCH.good.act) as there:
        secret = {} if missing == "token" else {"access_token": TOKEN}
        base = None if missing == "base" else there.base
        http = HttpClient(Guard(there.hosts))
        channel = MattermostApp()
        posted = await channel.post(Post("k", "hi", T0, CHANNEL, secret, base), http)
        undone = await channel.recall(Posted(POST, T0, CHANNEL, secret, base), http)
        asked = await channel.check(Credential(T0, secret, base), http)
        await http.close()
    assert (posted.verdict, undone.verdict, asked.works) == (V.CREDENTIAL_REFUSED, V.CREDENTIAL_REFUSED, False)
    assert there.connections == 0


def test_a_channel_is_its_id() -> None:
    assert MattermostApp().address_problem("4yhypqgi7jg1xkttkucy1fz9ae") is None


@pytest.mark.parametrize(
    "address", ["", "town-square", "C" * 26, "c" * 25, "c" * 27, "https://chat.example.org/hooks/a"]
)
def test_anything_else_is_explained(address: str) -> None:
    problem = MattermostApp().address_problem(address)
    assert problem is not None
    assert "26" in problem
