"""What the receivers of a generic webhook tell by themselves, signed by Standard Webhooks 1.0.0 with the account's own
secret. Facts: platforms.md, section 11."""

from collections.abc import Mapping
from datetime import UTC, datetime

from app.channels.adapters.callbacks import fresh, json_body, mapping, same, word
from app.channels.adapters.webhook_signature import signature
from app.channels.inbound import Call, Hearing, Matter, Refusal, Told

_MATTERS = {
    "delivery.delivered": Matter.DELIVERED,
    "delivery.failed": Matter.FAILED,
    "delivery.read": Matter.READ,
    "group.gone": Matter.GONE,
    "group.back": Matter.BACK,
    "message.received": Matter.SAID,
}


def told(call: Call) -> Hearing | Refusal:
    secret = call.secret.get("signing_secret", "")
    if not secret:
        return Refusal("the account has no signing_secret")
    number, stamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    if not number or "." in number or not fresh(stamp, call.at):
        return Refusal("the request names no id, or is too old or from the future")
    wanted = signature(secret, number, datetime.fromtimestamp(int(stamp), UTC), call.body)
    right = [wanted is not None and same(one, wanted) for one in call.headers.get("webhook-signature", "").split(" ")]
    if call.method != "POST" or not any(right):
        return Refusal("no signature is right")
    said = json_body(call.body)
    found = _event(number, said, mapping(said.get("data")))
    return Hearing([found] if found else ())


def _event(number: str, said: Mapping[str, object], facts: Mapping[str, object]) -> Told | None:
    """A chat is named by its address, the URL we post to, or by a delivery that went there."""
    matter = _MATTERS.get(word(said.get("type")))
    address, delivery = word(facts.get("address")), word(facts.get("delivery"))
    if matter is None or not (address or delivery):
        return None
    return Told(
        matter,
        number,
        (address,) if address else (),
        code=word(facts.get("reason")),
        person=word(facts.get("person")),
        text=word(facts.get("text")),
        message_id=word(facts.get("message_id")),
        delivery=delivery,
        at=_time(word(said.get("timestamp"))),
    )


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo and 1971 < found.year < 2100 else None
