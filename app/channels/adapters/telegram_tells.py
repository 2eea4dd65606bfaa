"""What Telegram tells by itself: updates to a webhook, proven by the secret token it was set with (Bot API:
`setWebhook`, `Update`)."""

from collections.abc import Mapping

from app.channels.adapters.callbacks import json_body, mapping, moment, same, word
from app.channels.inbound import Call, Hearing, Matter, Refusal, Told

_HEADER = "x-telegram-bot-api-secret-token"
_OUT = {"left", "kicked"}
_IN = {"creator", "administrator", "member"}


def told(call: Call) -> Hearing | Refusal:
    """Telegram repeats an update for a day until it is taken, under the same number and without a stamp of its own."""
    secret = call.secret.get("webhook_secret", "")
    if not secret:
        return Refusal("the account has no webhook_secret")
    if call.method != "POST" or not same(call.headers.get(_HEADER, ""), secret):
        return Refusal("the secret token is missing or wrong")
    update = json_body(call.body)
    number = word(update.get("update_id"))
    if not number:
        return Hearing()
    message = mapping(update.get("message")) or mapping(update.get("channel_post"))
    found = _member(number, mapping(update.get("my_chat_member"))) or _message(number, message)
    return Hearing([found] if found else ())


def _member(number: str, change: Mapping[str, object]) -> Told | None:
    """The bot's own standing in a chat."""
    now = mapping(change.get("new_chat_member"))
    status = word(now.get("status"))
    mute = status == "restricted" and (now.get("is_member") is False or now.get("can_send_messages") is False)
    if status in _OUT or mute:
        matter = Matter.GONE
    elif status in _IN or status == "restricted":
        matter = Matter.BACK
    else:
        return None
    who = word(mapping(change.get("from")).get("id"))
    return Told(matter, number, _addresses(change.get("chat")), code=status, person=who, at=moment(change.get("date")))


def _message(number: str, message: Mapping[str, object]) -> Told | None:
    chat, at = message.get("chat"), moment(message.get("date"))
    new, old = word(message.get("migrate_to_chat_id")), word(message.get("migrate_from_chat_id"))
    if new:
        return Told(Matter.MOVED, number, _addresses(chat), moved_to=new, at=at)
    if old:
        return Told(Matter.MOVED, number, (old,), moved_to=word(mapping(chat).get("id")), at=at)
    sender = mapping(message.get("from"))
    addresses = _addresses(chat)
    if not addresses or sender.get("is_bot") is True:
        return None
    return Told(
        Matter.SAID,
        number,
        addresses,
        person=word(sender.get("id")),
        text=word(message.get("text")) or word(message.get("caption")),
        message_id=word(message.get("message_id")),
        reply_to=word(mapping(message.get("reply_to_message")).get("message_id")),
        at=at,
    )


def _addresses(chat: object) -> tuple[str, ...]:
    """A chat's number, and its public name where it has one."""
    name = word(mapping(chat).get("username"))
    return tuple(address for address in (word(mapping(chat).get("id")), f"@{name}" if name else "") if address)
