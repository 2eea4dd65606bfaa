"""How Zulip's server is asked and what it says: Basic auth, error codes. Platform facts: platforms.md, section 9."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.channels.adapters.answers import json_object, retry_after, throttled, wait_of
from app.channels.adapters.tokens import Token, lent
from app.channels.port import Credential, Outcome, Picture, Post, Posted, Verdict
from app.core.http import File, Reply, Request
from app.core.limits import Scope

Asked = Post | Posted | Credential

STRANGER = {"UNAUTHORIZED", "UNAUTHENTICATED_USER", "INVALID_API_KEY", "USER_DEACTIVATED", "REALM_DEACTIVATED"}
NO_REALM = "NONEXISTENT_SUBDOMAIN"

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,80}", re.ASCII)
_DEFAULT_WAIT_S = 60.0  # the window of the published limit


@dataclass(frozen=True)
class Refusal:
    """The server's error object. `code` never changes; `message` may be translated, `wait_s` is a throttle's own."""

    code: str
    message: str
    wait_s: float | None


def missing(asked: Asked) -> Outcome | None:
    """For an account that cannot work at all."""
    if not asked.secret.get("email") or not asked.secret.get("api_key"):
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_key", "This account lacks the bot's email or its API key.")
    if not asked.base_url:
        detail = "This account has no base URL: the address of your Zulip organization."
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_base_url", detail)
    return None


def request(asked: Asked, method: str, what: str, form: Mapping[str, str] | None = None) -> Request:
    """One call of the API; the whole credential is in its header."""
    pair = f"{asked.secret['email']}:{asked.secret['api_key']}"
    headers = {"authorization": f"Basic {b64encode(pair.encode(errors='replace')).decode()}"}
    url = f"{(asked.base_url or '').rstrip('/')}/api/v1/{what}"
    return Request(url, method=method, form=form, headers=headers)


def sends_picture(asked: Asked, picture: Picture) -> Request:
    """One picture on its way to the server, for whatever message will name it."""
    file = File("file", picture.filename, picture.media_type, picture.content)
    return replace(request(asked, "POST", "user_uploads", {}), file=file)


def place_of(reply: Reply) -> Token | None:
    """Where the server keeps a picture: a path of its own. Old servers name it `uri`."""
    answer = success(reply) or {}
    return lent(answer.get("url", answer.get("uri")), None)


def success(reply: Reply) -> Mapping[str, object] | None:
    """The answer's object, if it is Zulip's yes."""
    answer = json_object(reply)
    return answer if answer is not None and reply.status == 200 and answer.get("result") == "success" else None


def refusal(reply: Reply) -> Refusal | None:
    """The error object of a 4xx or 5xx, or None for what some other box said. Old servers leave the code out."""
    answer = json_object(reply) if reply.status >= 400 else None
    if answer is None or answer.get("result") != "error":
        return None
    code, message = answer.get("code", "BAD_REQUEST"), answer.get("msg")
    if not isinstance(code, str) or not _CODE.fullmatch(code) or not isinstance(message, str):
        return None
    return Refusal(code, message, wait_of(answer.get("retry-after")))


def slow_down(reply: Reply, asked: Asked) -> Outcome:
    """The limit is counted per user, so the whole account waits."""
    refused = refusal(reply)
    wait_s = (refused.wait_s if refused else None) or retry_after(reply, now=asked.at) or _DEFAULT_WAIT_S
    return throttled("429", wait_s, scope=Scope.ACCOUNT)


def held(reply: Reply, refused: Refusal | None) -> bool:
    """Whether the answer is a throttle; the code says so even where a box in between changed the status."""
    return reply.status == 429 or (refused is not None and reply.status < 500 and refused.code == "RATE_LIMIT_HIT")
