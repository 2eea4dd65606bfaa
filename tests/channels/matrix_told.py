"""What a homeserver tells an application service: rows for the harness of callbacks."""

from app.channels.adapters.matrix import Matrix
from app.channels.inbound import Matter, Told
from tests.channels.callers import STAMP, Case, at, matrix

MATRIX = Matrix()
OWN, ROOM = "@muster:a.example", "!r:a.example"


def _event(kind: str, **more: object) -> dict[str, object]:
    fixed = {"event_id": "$e1", "room_id": ROOM, "sender": "@wang:a.example", "origin_server_ts": STAMP * 1000}
    return {"type": kind, **fixed, **more}


def _member(membership: str, who: str = OWN) -> dict[str, object]:
    return _event("m.room.member", state_key=who, content={"membership": membership})


def _standing(matter: Matter, code: str) -> tuple[Told, ...]:
    return (Told(matter, "$e1", (ROOM,), code=code, person="@wang:a.example", at=at()),)


_SAID = {"body": "done", "msgtype": "m.text", "m.relates_to": {"m.in_reply_to": {"event_id": "$e0"}}}
_WORD = Told(Matter.SAID, "$e1", (ROOM,), "", "", "@wang:a.example", "done", "$e1", "$e0", at=at())

TELLS = tuple(
    Case(name, MATRIX, matrix(*events), told, "{}", None)
    for name, events, told in (
        ("thrown out", [_member("leave")], _standing(Matter.GONE, "leave")),
        ("banned", [_member("ban")], _standing(Matter.GONE, "ban")),
        ("joined", [_member("join")], _standing(Matter.BACK, "join")),
        ("only invited", [_member("invite")], ()),
        ("somebody else left", [_member("leave", "@li:a.example")], ()),
        (
            "upgraded",
            [_event("m.room.tombstone", state_key="", content={"replacement_room": "!s:a.example"})],
            (Told(Matter.MOVED, "$e1", (ROOM,), moved_to="!s:a.example", at=at()),),
        ),
        ("a tombstone that is no state", [_event("m.room.tombstone", content={"replacement_room": "!s:b"})], ()),
        ("a reply, and nonsense beside it", [[], _event("m.room.message", content=_SAID), {"type": "x"}], (_WORD,)),
        ("our own word", [_event("m.room.message", sender=OWN, content=_SAID)], ()),
        ("a robot's notice", [_event("m.room.message", content={**_SAID, "msgtype": "m.notice"})], ()),
    )
)
