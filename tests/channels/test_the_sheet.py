"""Every row of the fact sheet's outcome tables stands in the channels' tables of answers, and means there what the
sheet says. A robot's own credential belongs to one group, so its refusal is that group's end: `TARGET_GONE`."""

import json

import pytest

from app.channels.port import Verdict
from tests.channels.harness import Answer
from tests.channels.test_answers import BENCHES

V = Verdict
ROWS = {bench.channel.name: bench.answers for bench in BENCHES}

WECOM_CONTENT = "40008 40033 40058 44004 45002"
SLACK_CONTENT = "no_text invalid_blocks too_many_attachments"
DISCORD = {
    V.TARGET_GONE: "10015 10003",
    V.CONTENT_REFUSED: "50035 50006 50109 40005 50045 200000 20009",
    V.THROTTLED: "20028 20029 40062 20016",
    V.NOT_SENT: "40004",
}
SHEET: dict[str, dict[Verdict, str]] = {
    "wecom": {
        V.SENT: "0",
        V.THROTTLED: "45009",
        V.NOT_SENT: "-1 45033",
        V.TARGET_GONE: "93000",
        V.CONTENT_REFUSED: f"{WECOM_CONTENT} 44001 93000",
    },
    "wecom_app": {
        V.HANDED_OVER: "0",
        V.THROTTLED: "45009",
        V.NOT_SENT: "-1 45033",
        V.CREDENTIAL_REFUSED: "40014 42001",
        V.TARGET_GONE: "81013",
        V.CONTENT_REFUSED: WECOM_CONTENT,
    },
    "wecom_customers": {
        V.HANDED_OVER: "0",
        V.THROTTLED: "45009",
        V.NOT_SENT: "-1 45033",
        V.CREDENTIAL_REFUSED: "40014 42001",
        V.TARGET_GONE: "40003",
        V.CONTENT_REFUSED: "40058 45002",
    },
    "dingtalk": {
        V.SENT: "0",
        V.THROTTLED: "130101 410100 1111 90030 300001",
        V.NOT_SENT: "-1",
        V.TARGET_GONE: "310000 300005 300001 400013 400101 400102 400106",
        V.CONTENT_REFUSED: "310000 40035 43002 43004 400105 430101 430102 430103 430104 460101",
    },
    "feishu": {
        V.SENT: "0",
        V.THROTTLED: "11232 9499",
        V.TARGET_GONE: "19001 19021 19022",
        V.CONTENT_REFUSED: "9499 19024 19036",
    },
    "feishu_app": {
        V.SENT: "0",
        V.THROTTLED: "230020 99991400",
        V.TARGET_GONE: "230002",
        V.CREDENTIAL_REFUSED: "99991661 99991671 99991663 99991668 99991677 99991672 99991662",
    },
    "telegram": {
        V.THROTTLED: "429",
        V.MOVED: "group_chat_was_upgraded_to_a_supergroup_chat",
        V.TARGET_GONE: "chat_not_found chat_id_is_empty private_chat_not_found bot_was_kicked_from_the_group_chat "
        "bot_was_kicked_from_the_supergroup_chat bot_was_kicked_from_the_channel_chat "
        "bot_is_not_a_member_of_the_group_chat bot_is_not_a_member_of_the_supergroup_chat "
        "bot_is_not_a_member_of_the_channel_chat the_group_chat_was_deleted bot_was_blocked_by_the_user "
        "user_is_deactivated not_enough_rights_to_send_text_messages_to_the_chat",
        V.CONTENT_REFUSED: "message_is_too_long message_caption_is_too_long message_text_is_empty can't_parse_entities",
        V.CREDENTIAL_REFUSED: "Unauthorized invalid_token_specified method_not_found",
        V.AMBIGUOUS: "500 502",
    },
    "slack": {
        V.SENT: "ok",
        V.THROTTLED: "rate_limited",
        V.CONTENT_REFUSED: f"invalid_payload user_not_found {SLACK_CONTENT}",
        V.TARGET_GONE: "action_prohibited invalid_token posting_to_general_channel_denied channel_not_found no_service "
        "no_service_id no_team no_active_hooks team_disabled channel_is_archived",
        V.AMBIGUOUS: "rollup_error",  # the sheet says transient; nothing says that nothing was posted
    },
    "slack_app": {
        V.THROTTLED: "ratelimited rate_limited",
        V.TARGET_GONE: "channel_not_found not_in_channel is_archived restricted_action ekm_access_denied "
        "team_access_not_granted message_limit_exceeded",
        V.CREDENTIAL_REFUSED: "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope "
        "no_permission org_login_required",
        V.CONTENT_REFUSED: f"msg_too_long msg_blocks_too_long invalid_blocks_format {SLACK_CONTENT}",
        V.NOT_SENT: "service_unavailable request_timeout team_added_to_org",
        V.AMBIGUOUS: "internal_error fatal_error duplicate_message_not_found duplicate_channel_not_found",
    },
    "discord": {**DISCORD, V.TARGET_GONE: "10015 10003 50027"},
    "discord_bot": DISCORD,
    "matrix": {
        V.THROTTLED: "M_LIMIT_EXCEEDED",
        V.TARGET_GONE: "M_FORBIDDEN M_NOT_FOUND",
        V.CREDENTIAL_REFUSED: "M_UNKNOWN_TOKEN M_MISSING_TOKEN M_USER_LOCKED M_USER_SUSPENDED",
        V.CONTENT_REFUSED: "M_BAD_JSON M_TOO_LARGE",
        V.NOT_SENT: "M_RESOURCE_LIMIT_EXCEEDED",
        V.AMBIGUOUS: "500 502",
    },
    "mattermost": {V.SENT: "ok", V.THROTTLED: "429"},
    "mattermost_app": {V.SENT: "201", V.THROTTLED: "429", V.AMBIGUOUS: "api.post.deduplicate_create_post.pending"},
    "zulip": {V.SENT: "success", V.THROTTLED: "RATE_LIMIT_HIT"},
    "googlechat": {V.SENT: "200", V.THROTTLED: "429"},
    "teams": {V.HANDED_OVER: "202 200", V.THROTTLED: "429 HTTP_error_429", V.CONTENT_REFUSED: "HTTP_error_413"},
    "webhook": {V.SENT: "200 204", V.TARGET_GONE: "302 410", V.THROTTLED: "429 503", V.AMBIGUOUS: "502 504"},
}
"""For each channel and verdict the words of the sheet: a code, a status, or a text with `_` for blanks."""


def _says(row: Answer, word: str) -> bool:
    body = row.body if isinstance(row.body, str) else row.body.decode("utf-8", "replace")
    if word == str(row.status) or word == body.strip():
        return True
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    values = {str(value) for value in said.values()} if isinstance(said, dict) else set()
    return word in values or (not word.lstrip("-").isdigit() and word.replace("_", " ") in body.replace("_", " "))


@pytest.mark.parametrize("channel", sorted(ROWS))
def test_every_row_of_the_sheet_stands_in_the_table(channel: str) -> None:
    missing = [
        f"{word}: {verdict}"
        for verdict, words in SHEET[channel].items()
        for word in words.split()
        if not any(row.verdict is verdict and _says(row, word) for row in ROWS[channel])
    ]
    assert missing == []


@pytest.mark.parametrize("channel", sorted(ROWS))
def test_a_box_in_between_makes_every_platform_unsure(channel: str) -> None:
    """The sheet's first rule: a 200 without the platform's own yes, and any 5xx, may have been posted."""
    unsure = {row.status for row in ROWS[channel] if row.verdict is V.AMBIGUOUS}
    assert unsure >= ({500} if channel == "webhook" else {200, 500})
