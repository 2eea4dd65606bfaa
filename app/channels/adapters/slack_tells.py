"""What Slack tells by itself: the Events API, each request signed with the app's signing secret (`v0`)."""

import hashlib
import hmac
from collections.abc import Mapping

from app.channels.adapters.callbacks import fresh, json_body, mapping, moment, same, word
from app.channels.inbound import Call, Hearing, Matter, Refusal, Told

_CLOSED = {
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "group_archive",
    "group_deleted",
    "group_left",
}
_OPENED = {"channel_unarchive", "group_unarchive"}
_COMES_AND_GOES = {"member_joined_channel": Matter.BACK, "member_left_channel": Matter.GONE}
_OF_A_PERSON = {"", "thread_broadcast", "file_share"}


def told(call: Call) -> Hearing | Refusal:
    secret = call.secret.get("signing_secret", "")
    if not secret:
        return Refusal("the account has no signing_secret")
    stamp = call.headers.get("x-slack-request-timestamp", "")
    base = b"v0:" + stamp.encode(errors="replace") + b":" + call.body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    if call.method != "POST" or not same(call.headers.get("x-slack-signature", ""), signature):
        return Refusal("the signature is missing or wrong")
    if not fresh(stamp, call.at):
        return Refusal("the request is too old or from the future")
    said = json_body(call.body)
    if said.get("type") == "url_verification":
        return Hearing(answer=word(said.get("challenge")))
    found = _event(said, mapping(said.get("event"))) if said.get("type") == "event_callback" else None
    return Hearing([found] if found else ())


def _event(said: Mapping[str, object], event: Mapping[str, object]) -> Told | None:
    kind, number = word(event.get("type")), word(said.get("event_id"))
    at = moment(event.get("event_ts")) or moment(said.get("event_time"))
    channel = word(event.get("channel")) or word(mapping(event.get("channel")).get("id"))
    if kind in _CLOSED:
        return Told(Matter.GONE, number, (channel,), code=kind, at=at)
    if kind in _OPENED:
        return Told(Matter.BACK, number, (channel,), code=kind, at=at)
    if kind in _COMES_AND_GOES and word(event.get("user")) in _ourselves(said):
        return Told(_COMES_AND_GOES[kind], number, (channel,), code=kind, at=at)
    if kind == "channel_id_changed":
        old, new = word(event.get("old_channel_id")), word(event.get("new_channel_id"))
        return Told(Matter.MOVED, number, (old,), moved_to=new, at=at)
    return _message(number, event, channel) if kind == "message" else None


def _ourselves(said: Mapping[str, object]) -> set[str]:
    """The app's own user ids in the workspaces this event is visible to."""
    found = said.get("authorizations")
    every = found if isinstance(found, list) else []
    return {word(mapping(one).get("user_id")) for one in every if mapping(one).get("is_bot") is True} - {""}


def _message(number: str, event: Mapping[str, object], channel: str) -> Told | None:
    if event.get("bot_id") or word(event.get("subtype")) not in _OF_A_PERSON or not channel:
        return None
    thread, ts = word(event.get("thread_ts")), word(event.get("ts"))
    return Told(
        Matter.SAID,
        number,
        (channel,),
        person=word(event.get("user")),
        text=word(event.get("text")),
        message_id=ts,
        reply_to=thread if thread != ts else "",
        at=moment(ts),
    )
