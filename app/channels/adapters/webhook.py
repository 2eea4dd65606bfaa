"""A generic webhook, signed by Standard Webhooks 1.0.0. Facts: platforms.md, section 11."""

import json
from urllib.parse import urlsplit

from app.channels.adapters.answers import redirected, retry_after, say, throttled, unforeseen
from app.channels.adapters.webhook_signature import signature
from app.channels.adapters.webhook_tells import told
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.port import Outcome, Post, Size, Unit, Verdict
from app.core.http import Http, Reply, Request
from app.core.limits import Limit

TYPE = "muster.announcement"

_KEYED_S = 24 * 3600.0
_DEFAULT_WAIT_S = 30.0

_ENDPOINT = {
    401: "the receiver does not accept the signature; check its signing secret",
    403: "the receiver forbids us to post",
    404: "there is nothing at this address",
    405: "the address takes no posts",
    410: "the receiver asks never to be called again",
}


class Webhook:
    """`webhook-id` is the post's key and the same on every try, so a receiver drops what it has already seen. One
    account serves many receivers: a refused signature is that receiver's affair, not the account's."""

    name = "webhook"
    platform = "webhook"
    hosts: tuple[str, ...] = ()
    account_secret: tuple[str, ...] = ()
    optional_secret: tuple[str, ...] = ("signing_secret",)
    url_addresses = True
    keyed: float | None = _KEYED_S
    limits: tuple[Limit, ...] = ()
    size = Size(20_000, Unit.BYTES)

    def address_problem(self, address: str) -> str | None:
        try:
            parts = urlsplit(address)
            sound = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        return None if sound and address.isprintable() else "A webhook's address is a whole URL, like https://…"

    async def post(self, post: Post, http: Http) -> Outcome:
        at = f"{post.at:%Y-%m-%dT%H:%M:%SZ}"
        said = json.dumps({"type": TYPE, "timestamp": at, "data": {"text": post.text}}, ensure_ascii=False)
        body = said.encode(errors="replace")
        headers = {
            "content-type": "application/json",
            "webhook-id": post.key,
            "webhook-timestamp": str(int(post.at.timestamp())),
        }
        secret = post.secret.get("secret") or post.secret.get("signing_secret")
        if secret:
            signed = signature(secret, post.key, post.at, body)
            if signed is None:
                return _unusable(own="secret" in post.secret)
            headers["webhook-signature"] = signed
        reply = await say(http, Request(post.address, body=body, headers=headers))
        return reply if isinstance(reply, Outcome) else _understood(reply, post)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)


def _unusable(*, own: bool) -> Outcome:
    verdict = Verdict.TARGET_GONE if own else Verdict.CREDENTIAL_REFUSED
    return Outcome(verdict, "bad_secret", "The signing secret is not `whsec_` followed by base64; nothing was sent.")


def _understood(reply: Reply, post: Post) -> Outcome:
    """The status is the whole answer; the body belongs to the receiver."""
    status = reply.status
    if 200 <= status < 300:
        return Outcome(Verdict.SENT, str(status), "The receiver took the message.")
    asked = retry_after(reply, now=post.at)
    if 300 <= status < 400:
        return redirected(reply, Verdict.TARGET_GONE)
    if status == 429 or (status == 503 and asked is not None):
        return throttled(str(status), asked or _DEFAULT_WAIT_S)
    if status in _ENDPOINT:
        detail = f"This webhook cannot be reached: {_ENDPOINT[status]}."
        return Outcome(Verdict.TARGET_GONE, str(status), detail, for_good=status == 410)
    if 400 <= status < 500 and status not in {408, 425}:
        return Outcome(Verdict.CONTENT_REFUSED, str(status), f"The receiver will not take this message ({status}).")
    return unforeseen(reply, f"The receiver broke down ({status}) and may have taken the message; it knows our key.")
