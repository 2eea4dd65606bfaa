"""What Discord answers to a webhook and to a bot alike: every row of its fact sheet, and broken ones."""

import json

from app.channels.port import Scope, Verdict
from tests.channels.harness import Answer

V = Verdict
MESSAGE = "1234567890123456789"
DRY = "You are being rate limited."
SHARED = "The resource is being rate limited."
BANNED = "You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently."
TOO_LONG = (
    '{"code":50035,"message":"Invalid Form Body",'
    '"errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 2000 or fewer in length."}]}}}'
)

SCOPED = {"X_RateLimit_Scope": "user"}


def ok(**changes: object) -> str:
    return json.dumps({"id": MESSAGE, "content": "…", **changes})


def no(status: int, code: object, verdict: Verdict, message: str = "words") -> Answer:
    return Answer(f"{status}/{code}", status, json.dumps({"code": code, "message": message}), verdict)


def slow(
    name: str, body: object, wait_s: float, scope: Scope = Scope.CHAT, *, status: int = 429, **headers: str
) -> Answer:
    said = body if isinstance(body, str) else json.dumps(body)
    sent = {part.replace("_", "-"): value for part, value in headers.items()}
    return Answer(f"{status} {name}", status, said, V.THROTTLED, sent, wait_s=wait_s, scope=scope)


def limited(after: object, *, all_of_it: object = False, words: str = DRY, **more: object) -> dict[str, object]:
    return {"message": words, "retry_after": after, "global": all_of_it, **more}


def slow_answers(everything: Scope) -> tuple[Answer, ...]:
    """The 429s of both ways in; `everything` is whom a limit of all requests concerns."""
    bucket = {"X_RateLimit_Limit": "5", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1470173023.123"}
    return (
        slow("user", limited(64.57), 64.57, **bucket, Retry_After="65", X_RateLimit_Scope="user"),
        slow(
            "shared",
            limited(1336.57, words=SHARED),
            1336.57,
            Retry_After="1337",
            X_RateLimit_Reset_After="64.57",
            X_RateLimit_Scope="shared",
        ),
        slow(
            "global",
            limited(64.57, all_of_it=True),
            64.57,
            everything,
            X_RateLimit_Global="true",
            X_RateLimit_Scope="global",
        ),
        slow("global in the body alone", limited(2.5, all_of_it=True), 2.5, everything),
        slow("global in one header alone", limited(2.5), 2.5, everything, X_RateLimit_Global="true"),
        slow("global in the other header alone", limited(2.5), 2.5, everything, X_RateLimit_Scope="global"),
        slow("global as a word", limited(2.5, all_of_it="true"), 2.5),
        slow("hidden, in no header", limited(42.1), 42.1),
        slow("a blink", limited(0.3), 1),
        slow("as a word, with a scope", limited("soon"), 65, Retry_After="65", X_RateLimit_Scope="user"),
        slow("as true, by the bucket's header", limited(True), 64.57, X_RateLimit_Reset_After="64.57", **SCOPED),
        slow("never", limited(1e300), 3600),
        slow("without any number, with a scope", {"message": DRY}, 60, X_RateLimit_Scope="user"),
        slow("a ban, as seen", {"code": 0, "message": BANNED}, 600, Scope.PLATFORM),
        slow("a ban by Cloudflare", "error code: 1015", 3600, Scope.PLATFORM, Retry_After="3600"),
        slow("a ban without a word", "", 600, Scope.PLATFORM),
        slow("a ban in HTML", "<html>1015</html>", 600, Scope.PLATFORM),
        slow("slow mode", limited(5, code=20016), 5, status=400),
        slow("the channel's writes", {"code": 20028, "message": "x"}, 60),
        slow("the server's writes", {"code": 20029, "message": "x"}, 60, status=403),
        slow("the service", {"code": 40062, "message": "x"}, 9, status=400, Retry_After="9"),
    )


GONE = tuple(
    no(status, code, V.TARGET_GONE)
    for status, code in (
        (404, 10015),
        (404, 10003),
        (404, 10004),
        (404, 10013),
        (403, 40007),
        (403, 50001),
        (403, 50007),
        (400, 50008),
        (403, 50009),
        (403, 50013),
        (400, 50003),
        (400, 50024),
        (400, 40058),
        (400, 50083),
        (400, 160005),
        (400, 220001),
        (400, 220002),
        (400, 220003),
        (404, 0),
        (403, 0),
        (403, 99999),
    )
)
CONTENT = (
    Answer("too long", 400, TOO_LONG, V.CONTENT_REFUSED),
    no(400, 50006, V.CONTENT_REFUSED),
    no(400, 50109, V.CONTENT_REFUSED),
    no(413, 40005, V.CONTENT_REFUSED),
    no(413, 50045, V.CONTENT_REFUSED),
    no(400, 200000, V.CONTENT_REFUSED),
    no(403, 200000, V.CONTENT_REFUSED),
    no(400, 20009, V.CONTENT_REFUSED),
    no(400, 240000, V.CONTENT_REFUSED),
    no(400, 0, V.CONTENT_REFUSED),
    no(405, 0, V.CONTENT_REFUSED),
    Answer("413 without a word", 413, "", V.CONTENT_REFUSED),
)
LATER = (no(403, 40004, V.NOT_SENT), no(403, 40333, V.NOT_SENT, "internal network error"))
BROKEN = (
    Answer("half JSON", 200, '{"id":"12', V.AMBIGUOUS),
    Answer("an empty object", 200, "{}", V.AMBIGUOUS),
    Answer("201", 201, ok(), V.AMBIGUOUS),
    Answer("yes in a 404", 404, ok(), V.AMBIGUOUS),
    Answer("yes in a 502", 502, ok(), V.AMBIGUOUS),
    no(400, "50035", V.AMBIGUOUS),
    no(400, True, V.AMBIGUOUS),
    no(400, None, V.AMBIGUOUS),
    no(200, 10015, V.AMBIGUOUS),
    no(500, 0, V.AMBIGUOUS),
    no(503, 40004, V.AMBIGUOUS),
    Answer("404 from a proxy", 404, "not found", V.AMBIGUOUS),
    Answer("401 from a proxy", 401, "<html>", V.AMBIGUOUS),
    Answer("403 from a proxy", 403, "[]", V.AMBIGUOUS),
    Answer("500", 500, "", V.AMBIGUOUS),
    Answer("502", 502, "<html>", V.AMBIGUOUS),
    Answer("503", 503, "", V.AMBIGUOUS, {"Retry-After": "5"}),
)
