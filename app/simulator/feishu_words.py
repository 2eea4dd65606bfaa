"""What an app says to the practice Feishu: one message, read."""

from collections.abc import Mapping

from app.simulator.bodies import as_object
from app.simulator.practice import Call
from app.simulator.targets import State

KEYED_S = 3600.0

STALE = (99991663, "Invalid access token for authorization. Please make a test attempt with the correct token.")
_NOBODY = (230001, "Your request contains an invalid request parameter, ext=invalid receive_id.")
CLOSED = {
    State.KICKED: (230002, "Bot/User can NOT be out of the chat."),
    State.BLOCKED: (230013, "Bot has NO availability to this user."),
    State.DELETED: (232009, "Your request specifies a chat which has already been dissolved."),
    State.MIGRATED: _NOBODY,
    State.UNKNOWN: _NOBODY,
}
_IDS = {"chat_id": "oc_", "open_id": "ou_"}


def call_of(app: str, kind: str, said: Mapping[str, object]) -> Call:
    receiver, key = str(said.get("receive_id") or ""), said.get("uuid")
    sort = str(said.get("msg_type"))
    text, problem = words_of(sort, said), ""
    if not receiver.startswith(_IDS.get(kind, "\0")):
        problem = "invalid receive_id"
    elif not text:
        problem = "invalid content"
    elif key is not None and not (isinstance(key, str) and 0 < len(key) <= 50):
        problem = "invalid uuid"
    known = key if isinstance(key, str) and key else None
    return Call(receiver, text, app, app, known, keyed_s=KEYED_S, kind=sort, problem=problem)


def words_of(kind: str, said: Mapping[str, object]) -> str:
    """The words of a text, or of the Markdown in a card that all see alike; empty for anything else."""
    content = as_object(said.get("content")) or {}
    text = content.get({"text": "text", "image": "image_key"}.get(kind, ""))
    config, elements = content.get("config"), content.get("elements")
    if kind == "interactive" and config == {"update_multi": True} and isinstance(elements, list) and len(elements) == 1:
        text = elements[0].get("content") if isinstance(elements[0], dict) else None
    return text if isinstance(text, str) else ""
