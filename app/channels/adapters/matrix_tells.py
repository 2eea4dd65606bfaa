"""What a Matrix homeserver tells an application service by itself: transactions of events, proven by its `hs_token`
(application service API, `PUT /_matrix/app/v1/transactions/{txnId}`)."""

from collections.abc import Mapping

from app.channels.adapters.callbacks import json_body, mapping, moment, same, word
from app.channels.inbound import Call, Hearing, Matter, Refusal, Told

_STANDINGS = {"leave": Matter.GONE, "ban": Matter.GONE, "join": Matter.BACK}


def told(call: Call) -> Hearing | Refusal:
    """A homeserver repeats a transaction until it is taken, without a stamp; each event has an id of its own. Servers
    of before 2023 gave the token in the query."""
    token, user = call.secret.get("hs_token", ""), call.secret.get("user_id", "")
    if not token:
        return Refusal("the account has no hs_token")
    given = call.headers.get("authorization", "").removeprefix("Bearer ") or call.query.get("access_token", "")
    if call.method != "PUT" or not same(given, token):
        return Refusal("the homeserver's token is missing or wrong")
    found = json_body(call.body).get("events")
    events = [_event(mapping(one), user) for one in found] if isinstance(found, list) else []
    return Hearing([one for one in events if one], answer="{}", media_type="application/json")


def _event(event: Mapping[str, object], user: str) -> Told | None:
    kind, content = word(event.get("type")), mapping(event.get("content"))
    number, room, sender = (word(event.get(name)) for name in ("event_id", "room_id", "sender"))
    at = moment(event.get("origin_server_ts"), unit=1000)
    if not number or not room:
        return None
    if kind == "m.room.member" and user and event.get("state_key") == user:
        standing = word(content.get("membership"))
        matter = _STANDINGS.get(standing)
        return Told(matter, number, (room,), code=standing, person=sender, at=at) if matter else None
    if kind == "m.room.tombstone" and event.get("state_key") == "":
        return Told(Matter.MOVED, number, (room,), moved_to=word(content.get("replacement_room")), at=at)
    if kind != "m.room.message" or sender == user or content.get("msgtype") == "m.notice":
        return None
    answered = mapping(mapping(content.get("m.relates_to")).get("m.in_reply_to"))
    return Told(
        Matter.SAID,
        number,
        (room,),
        person=sender,
        text=word(content.get("body")),
        message_id=number,
        reply_to=word(answered.get("event_id")),
        at=at,
    )
