"""What the answers of Feishu's app interfaces mean: of the one that lends tokens, and of those for messages.
Platform facts: platforms.md, section 3b; the codes of the vendor's references of these interfaces."""

from collections.abc import Mapping
from dataclasses import replace

from app.channels.adapters.answers import (
    json_object,
    of_edit,
    off_the_page,
    quoted,
    retry_after,
    say,
    throttled,
    unforeseen,
    wait_of,
    whole,
)
from app.channels.adapters.feishu_words import BASE
from app.channels.adapters.tokens import Token, lent, without_token
from app.channels.port import Credential, Outcome, Post, Posted, Verdict
from app.core.http import Http, Reply, Request
from app.core.limits import Scope

_TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105 - a path
_CHAT_WAIT_S = 1.0  # five a second: a second is enough
_GATEWAY_WAIT_S = 5.0  # where the gateway does not say until when

_STALE = {99991661, 99991663, 99991664, 99991668, 99991671, 99991677}  # the token, not the app
_APP = {
    10003: "the app id is wrong",
    10014: "the app secret is wrong",
    99991543: "the app id or its secret is wrong",
    99991662: "the app is disabled or not installed",
    99991672: "it was not granted the right that this takes",
    99991673: "the app is disabled or not installed",
    230006: "the app's bot is not switched on",
    230027: "it was not granted the right that this takes",
}
_RIGHTS = {"99991672", "230027"}
_SLOW = {230020, 230047}  # one chat, and pins of one message
_GONE = {
    230002: "the bot is not in this chat",
    230013: "this person is outside the app's range, or has left",
    230018: "this chat's settings forbid it",
    230029: "this person has left",
    230034: "there is no such chat or person",
    230035: "the bot may not speak in this chat",
    230038: "this person belongs to another organisation",
    230045: "there is no such chat",
    230046: "only its owner may pin here",
    230053: "this person stopped the bot",
    232009: "this chat was dissolved",
}
_CONTENT = {
    9499: "its format is wrong",
    230001: "a parameter is wrong",
    230022: "it holds words Feishu does not let pass",
    230025: "it is too long",
    230028: "the organisation's rules do not let it pass",
}
_STANDS_NO_MORE = {230011, 230110}
_NEVER_BACK = {
    230001: "there is no such message",
    230009: "too much time has passed",
    230026: "it is not the bot's own",
    230050: "the bot cannot see it",
    230054: "a message of this kind is never taken back",
}
_NEVER_EDITED = {
    "230001": "there is no such message, or the new words are not of its kind",
    "230009": "too much time has passed",
    "230011": "it was taken back",
    "230026": "it is not the bot's own",
    "230050": "the bot cannot see it",
    "230054": "it is of another kind than the new words",
    "230071": "it is not the bot's own",
    "230072": "it was edited 20 times already",
    "230075": "too much time has passed",
    "230110": "it was taken back or deleted",
}


async def token_for(credential: Credential, http: Http) -> Token | Outcome:
    """A tenant token for the app. Feishu gives the same one again while it has half an hour to live."""
    app_id, secret = credential.secret.get("app_id", ""), credential.secret.get("app_secret", "")
    if not app_id or not secret:
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_secret", "This account has no app id or no app secret.")
    url = f"{(credential.base_url or BASE).rstrip('/')}{_TOKEN_PATH}"
    reply = await say(http, Request(url, json={"app_id": app_id, "app_secret": secret}))
    answer = reply if isinstance(reply, Outcome) else understood(reply, credential)
    if isinstance(answer, Outcome):
        return without_token(answer)
    token = lent(answer.get("tenant_access_token"), answer.get("expire"))
    return token or without_token(Outcome(Verdict.AMBIGUOUS, "no_token"))


def not_edited(outcome: Outcome) -> Outcome:
    """What an answer that is no yes means where it was an edit that was asked for."""
    outcome = without_right(outcome)
    reason = _NEVER_EDITED.get(outcome.code)
    if reason is None or outcome.verdict not in {Verdict.AMBIGUOUS, Verdict.CONTENT_REFUSED}:
        return of_edit(outcome)
    detail = f"Feishu will not put other words in the place of this message: {reason}."
    return Outcome(Verdict.CONTENT_REFUSED, outcome.code, detail)


def without_right(outcome: Outcome) -> Outcome:
    """What an answer means where it was for a right of its own that was asked: an app without it posts all the same."""
    if outcome.verdict is not Verdict.CREDENTIAL_REFUSED or outcome.code not in _RIGHTS:
        return outcome
    detail = outcome.detail.replace("does not accept this app", "does not let this app do this")
    return replace(outcome, verdict=Verdict.CONTENT_REFUSED, detail=detail)


def stale(reply: Reply) -> bool:
    """Whether this answer does not take the token, whatever became of the app."""
    return _code(json_object(reply)) in _STALE


def understood(reply: Reply, said: Post | Posted | Credential, token: str = "") -> Mapping[str, object] | Outcome:
    """The whole answer where it says yes, else what it means."""
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    answer = json_object(reply)
    code = _code(answer)
    if code == 99991400 or reply.status == 429:
        asked = wait_of(reply.headers.get("x-ogw-ratelimit-reset")) or retry_after(reply, now=said.at)
        return throttled(str(code or 429), asked or _GATEWAY_WAIT_S, scope=Scope.ACCOUNT)
    if answer is None or code is None:
        return unforeseen(reply, "The answer is not one of Feishu's; the message may have been posted.")
    if code != 0:
        return _refused(code, quoted(answer.get("msg"), said, lent=token), said)
    if reply.status >= 300:
        return unforeseen(reply, "Feishu said yes and no at once; the message may have been posted.")
    return answer


def _code(answer: Mapping[str, object] | None) -> int | None:
    return whole(answer.get("code")) if answer is not None else None


def _refused(code: int, words: str, said: Post | Posted | Credential) -> Outcome:
    """What a code other than 0 means."""
    if code in _SLOW:
        return throttled(str(code), _CHAT_WAIT_S)
    if isinstance(said, Posted) and code in _STANDS_NO_MORE:
        return Outcome(Verdict.SENT, str(code), "The message had been taken back before.")
    verdict, sentence = _meaning(code, words, back=isinstance(said, Posted))
    return Outcome(verdict, str(code), f"{sentence} ({words}).")


def _meaning(code: int, words: str, *, back: bool) -> tuple[Verdict, str]:
    if code in _APP or code in _STALE:
        return (
            Verdict.CREDENTIAL_REFUSED,
            f"Feishu does not accept this app: {_APP.get(code, 'its token is not taken')}",
        )
    if back and code in _NEVER_BACK:
        return Verdict.CONTENT_REFUSED, f"Feishu will not take this message back: {_NEVER_BACK[code]}"
    if code in _GONE or (code == 230001 and "invalid receive_id" in words):
        return Verdict.TARGET_GONE, f"The bot cannot speak here: {_GONE.get(code, _GONE[230034])}"
    if code in _CONTENT:
        return Verdict.CONTENT_REFUSED, f"Feishu will not take this message: {_CONTENT[code]}"
    return Verdict.AMBIGUOUS, "Feishu answered with a code that does not say whether the message stands"
