"""New words in the place of old ones: what is asked of each platform, and what its answers mean."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

import pytest

from app.channels.port import Edits, Outcome, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels import test_discord as discord
from tests.channels import test_discord_bot as discord_bot
from tests.channels import test_feishu_app as feishu
from tests.channels import test_matrix as matrix
from tests.channels import test_mattermost_app as mattermost
from tests.channels import test_slack_app as slack
from tests.channels import test_telegram as telegram
from tests.channels import test_zulip as zulip
from tests.channels.harness import Answer, Bench, as_expected, holds_no_secret
from tests.channels.platform import Act, Platform, platform

V = Verdict
TEXT = "集合：周六 9 点 🎉 <b>&amp;"
SNOWFLAKE, POST, EVENT = "1234567890123456789", "p" * 26, "$first:example.org"
GONE = '{"message": "Unknown Message", "code": 10008}'


@dataclass(frozen=True)
class Edit:
    """One platform: the message that is edited, how it is asked, its words on the wire, and its answers."""

    bench: Bench
    number: str
    method: str
    path: str
    answers: tuple[Answer, ...]


def _no(code: int, words: str, verdict: Verdict) -> Answer:
    return Answer(words, code, json.dumps({"ok": False, "error_code": code, "description": words}), verdict)


def _slack(error: str, verdict: Verdict) -> Answer:
    return Answer(error, 200, json.dumps({"ok": False, "error": error}), verdict)


def _box(status: int, name: str, verdict: Verdict) -> Answer:
    return Answer(name, status, json.dumps({"id": name, "message": "No.", "status_code": status}), verdict)


def _zulip(words: str, verdict: Verdict) -> Answer:
    return Answer(words, 400, json.dumps({"result": "error", "msg": words, "code": "BAD_REQUEST"}), verdict)


DISCORD = (
    Answer("edited", 200, json.dumps({"id": SNOWFLAKE, "content": "x"}), V.SENT),
    Answer("gone", 404, GONE, V.CONTENT_REFUSED),
    Answer("another message", 200, json.dumps({"id": "7"}), V.AMBIGUOUS),
    Answer("broken", 500, "", V.AMBIGUOUS),
)


def _feishu(code: int, words: str, verdict: Verdict = V.CONTENT_REFUSED) -> Answer:
    return Answer(f"feishu {code}", 400, json.dumps({"code": code, "msg": words}), verdict)


EDITS = (
    Edit(
        telegram.BENCH,
        "42",
        "POST",
        "/editMessageText",
        (
            Answer("edited", 200, telegram.BENCH.good.body, V.SENT, message_id=telegram.BENCH.good.message_id),
            _no(400, "Bad Request: message is not modified: specified new message content", V.SENT),
            _no(400, "Bad Request: message to edit not found", V.CONTENT_REFUSED),
            _no(400, "Bad Request: message can't be edited", V.CONTENT_REFUSED),
            _no(400, "Bad Request: group chat was upgraded to a supergroup chat", V.CONTENT_REFUSED),
            _no(403, "Forbidden: bot was kicked from the supergroup chat", V.TARGET_GONE),
            _no(401, "Unauthorized", V.CREDENTIAL_REFUSED),
            Answer("HTML", 200, "<html>", V.AMBIGUOUS),
        ),
    ),
    Edit(
        slack.BENCH,
        slack.TS,
        "POST",
        "/api/chat.update",
        (
            Answer("edited", 200, json.dumps({"ok": True, "channel": slack.CHANNEL, "ts": slack.TS}), V.SENT),
            _slack("message_not_found", V.CONTENT_REFUSED),
            _slack("cant_update_message", V.CONTENT_REFUSED),
            _slack("edit_window_closed", V.CONTENT_REFUSED),
            _slack("channel_not_found", V.TARGET_GONE),
            _slack("token_revoked", V.CREDENTIAL_REFUSED),
            _slack("fatal_error", V.AMBIGUOUS),
            Answer("another message", 200, json.dumps({"ok": True, "ts": "1.1"}), V.AMBIGUOUS),
        ),
    ),
    Edit(discord.BENCH, SNOWFLAKE, "PATCH", f"/messages/{SNOWFLAKE}", DISCORD),
    Edit(discord_bot.BENCH, SNOWFLAKE, "PATCH", f"/messages/{SNOWFLAKE}", DISCORD),
    Edit(
        mattermost.BENCH,
        POST,
        "PUT",
        f"/api/v4/posts/{POST}/patch",
        (
            Answer("edited", 200, json.dumps({"id": POST, "channel_id": mattermost.CHANNEL}), V.SENT, message_id=POST),
            _box(404, "app.post.get.app_error", V.CONTENT_REFUSED),
            _box(400, "api.post.update_post.permissions_time_limit.app_error", V.CONTENT_REFUSED),
            _box(401, "api.context.session_expired.app_error", V.CREDENTIAL_REFUSED),
            Answer("HTML", 200, "<html>", V.AMBIGUOUS),
        ),
    ),
    Edit(
        zulip.BENCH,
        "9",
        "PATCH",
        "/api/v1/messages/9",
        (
            Answer("edited", 200, json.dumps({"result": "success", "msg": ""}), V.SENT),
            _zulip("Invalid message(s)", V.CONTENT_REFUSED),
            _zulip("The time limit for editing this message has passed", V.CONTENT_REFUSED),
            _zulip("You don't have permission to edit this message", V.CONTENT_REFUSED),
            Answer("HTML", 200, "<html>", V.AMBIGUOUS),
        ),
    ),
    Edit(
        feishu.BENCH,
        "om_1",
        "PUT",
        "/open-apis/im/v1/messages/om_1",
        (
            Answer("edited", 200, '{"code":0,"msg":"success","data":{"message_id":"om_1"}}', V.SENT),
            _feishu(230001, "Your request contains an invalid request parameter, ext=invalid message_id."),
            _feishu(230054, "This operation is not supported for this message type."),
            _feishu(230071, "The operator is not the sender of the message."),
            _feishu(230072, "The message has reached the number of times it can be edited."),
            _feishu(230075, "The message is beyond the time in which it can be edited."),
            _feishu(230110, "The message has been recalled or deleted."),
            _feishu(230002, "Bot/User can NOT be out of the chat.", V.TARGET_GONE),
            _feishu(99991672, "Access denied."),
            _feishu(99991662, "app is not in use", V.CREDENTIAL_REFUSED),
            _feishu(230049, "The message is being sent.", V.AMBIGUOUS),
            Answer("HTML", 200, "<html>", V.AMBIGUOUS),
        ),
    ),
    Edit(
        matrix.BENCH,
        EVENT,
        "PUT",
        "/send/m.room.message/dlv_0001",
        (
            Answer("edited", 200, json.dumps({"event_id": "$second"}), V.SENT, message_id="$second"),
            Answer("no power", 403, json.dumps({"errcode": "M_FORBIDDEN", "error": "no"}), V.TARGET_GONE),
            Answer("broken", 502, "", V.AMBIGUOUS),
        ),
    ),
)


def _rows() -> Iterator[object]:
    for edit in EDITS:
        for row in edit.answers:
            yield pytest.param(edit, row, id=f"{edit.bench}-{row}")


async def _edit(edit: Edit, act: Act) -> tuple[Outcome, Platform]:
    assert isinstance(edit.bench.channel, Edits)
    async with platform(act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await edit.bench.channel.edit(edit.number, edit.bench.post(there), http)
        await http.close()
    return outcome, there


@pytest.mark.parametrize(("edit", "row"), list(_rows()))
async def test_the_answer_to_an_edit_is_understood(edit: Edit, row: Answer) -> None:
    outcome, there = await _edit(edit, row.act)
    assert as_expected(outcome, row), outcome
    assert holds_no_secret(outcome, edit.bench)
    assert len(there.heard) == 1


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: str(edit.bench))
async def test_it_names_the_message_and_carries_the_new_words(edit: Edit) -> None:
    _, there = await _edit(edit, edit.answers[0].act)
    [heard] = there.heard
    assert heard.method == edit.method
    assert heard.path.partition("?")[0].endswith(edit.path)
    said = parse_qs(heard.body.decode()) if edit.method == "PATCH" and "zulip" in str(edit.bench) else heard.json
    assert any("周六 9 点" in str(value) for value in said.values())
    assert edit.number in f"{heard.path} {said}"


async def test_a_matrix_edit_replaces_the_event_and_says_it_to_old_clients_too() -> None:
    edit = EDITS[-1]
    _, there = await _edit(edit, edit.answers[0].act)
    said = there.heard[0].json
    assert said["m.relates_to"] == {"rel_type": "m.replace", "event_id": EVENT}
    assert said["m.new_content"] == {"msgtype": "m.text", "body": TEXT, "m.mentions": {}}
    assert said["body"] == f"* {TEXT}"


async def test_a_feishu_card_is_edited_by_another_interface_than_a_text() -> None:
    async with platform(EDITS[-2].answers[0].act) as there:
        http = HttpClient(Guard(there.hosts))
        post = feishu.BENCH.post(there)
        assert isinstance(feishu.BENCH.channel, Edits)
        for said in (post, replace(post, marked="**Hi**")):
            assert (await feishu.BENCH.channel.edit("om_1", said, http)).verdict is V.SENT
        await http.close()
    text, card = there.heard
    assert (text.method, text.json) == (
        "PUT",
        {"msg_type": "text", "content": json.dumps({"text": TEXT}, ensure_ascii=False)},
    )
    content = {"config": {"update_multi": True}, "elements": [{"tag": "markdown", "content": "**Hi**"}]}
    assert (card.method, card.json) == ("PATCH", {"content": json.dumps(content)})


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.number.isdecimal()], ids=lambda one: str(one.bench))
async def test_what_is_no_number_of_the_platforms_is_not_asked_about(edit: Edit) -> None:
    strange = Edit(edit.bench, "../other", edit.method, edit.path, edit.answers)
    outcome, there = await _edit(strange, edit.answers[0].act)
    assert (outcome.verdict, there.heard) == (V.CONTENT_REFUSED, [])
