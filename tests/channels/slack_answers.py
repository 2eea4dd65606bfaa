"""What Slack answers to an app, whatever it asked: every row of its fact sheet, and broken ones."""

import json

from app.channels.port import Verdict
from tests.channels.harness import CANARY, Answer

V = Verdict
CHANNEL = "C024BE91L"
TS = "1503435956.000247"
TOKEN = f"xoxb-12-34-{CANARY}"


def ok(**changes: object) -> str:
    return json.dumps({"ok": True, "channel": CHANNEL, "ts": TS, "message": {"text": "…"}, **changes})


def no(error: object) -> str:
    return json.dumps({"ok": False, "error": error})


def refusals(verdict: Verdict, *errors: str) -> tuple[Answer, ...]:
    return tuple(Answer(error, 200, no(error), verdict) for error in errors)


def slow_down(name: str, status: int, body: str, wait_s: float, **headers: str) -> Answer:
    return Answer(f"{status} {name}", status, body, V.THROTTLED, headers, wait_s=wait_s)


AFTER_7 = {"Retry-After": "7"}

CREDENTIAL = refusals(
    V.CREDENTIAL_REFUSED,
    "not_authed",
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "no_permission",
    "org_login_required",
    "not_allowed_token_type",
    "access_denied",
    "accesslimited",
    "two_factor_setup_required",
)
GONE = refusals(
    V.TARGET_GONE,
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_of_tomorrow",
    "ekm_access_denied",
    "team_access_not_granted",
    "message_limit_exceeded",
    "messages_tab_disabled",
)
LATER = refusals(V.NOT_SENT, "service_unavailable", "request_timeout", "team_added_to_org")
BROKEN = (
    *refusals(V.AMBIGUOUS, "internal_error", "fatal_error", "a_word_nobody_lists", ""),
    *refusals(V.AMBIGUOUS, "duplicate_message_not_found", "duplicate_channel_not_found"),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("ok false and nothing else", 200, '{"ok":false}', V.AMBIGUOUS),
    Answer("an error without ok", 200, '{"error":"is_archived"}', V.AMBIGUOUS),
    Answer("a number as the error", 200, no(42), V.AMBIGUOUS),
    Answer("half JSON", 200, '{"ok":true,"chan', V.AMBIGUOUS),
    Answer("yes in a 404", 404, ok(), V.AMBIGUOUS),
    Answer("yes in a 502", 502, ok(), V.AMBIGUOUS),
    Answer("yes as a word", 200, ok(ok="true"), V.AMBIGUOUS),
    Answer("yes as a number", 200, ok(ok=1), V.AMBIGUOUS),
    Answer("busy in a 503", 503, no("service_unavailable"), V.AMBIGUOUS),
    Answer("ratelimited in a 500", 500, no("ratelimited"), V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    Answer("401 from a proxy", 401, "<html>", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
    Answer("a token echoed", 200, no(f"no {TOKEN} here"), V.AMBIGUOUS),
)
SLOW = (
    slow_down("as documented", 429, no("ratelimited"), 7, **AFTER_7),
    slow_down("the other spelling", 429, no("rate_limited"), 7, **AFTER_7),
    slow_down("in the body", 429, '{"retry_after":2,"ok":false,"error":"rate_limited"}', 2),
    slow_down("ratelimited", 200, no("ratelimited"), 7, **AFTER_7),
    slow_down("rate_limited", 200, no("rate_limited"), 30),
    slow_down("from a proxy", 429, "<html>", 7, **AFTER_7),
    slow_down("and nothing more", 429, "", 30),
    slow_down("a year", 429, "", 3600, **{"Retry-After": "31536000"}),
)
