"""What both ways into Slack share: how a text is written, how long it may be, how long to wait. Platform facts:
platforms.md, section 5."""

from datetime import datetime

from app.channels.adapters.answers import json_object, retry_after, throttled, wait_of
from app.channels.port import Outcome, Post, Size, Unit
from app.core.http import Reply

# 40,000 characters are the hard cap, but 4,000 is what Slack recommends and where it has begun to split a message in
# two or to refuse it as `msg_too_long` [2+].
_LONGEST = 4000
_DEFAULT_WAIT_S = 30.0

_EVERYONE = "<!channel>\n"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def _escaped(text: str) -> str:
    """Slack calls people by `<…>` alone, so a text without those brackets calls nobody."""
    return text.translate(_ESCAPES)


SIZE = Size(_LONGEST - len(_EVERYONE), Unit.CODE_POINTS, sent=_escaped)
MARKED_SIZE = Size(SIZE.most, SIZE.unit)


def message(post: Post) -> dict[str, object]:
    """The body of a post. Without `parse` and `link_names`: their defaults link URLs and leave plain @names alone."""
    text = post.marked or _escaped(post.text)
    return {"text": _EVERYONE + text if post.mention_all else text, "unfurl_links": False, "unfurl_media": False}


def slow_down(reply: Reply, *, now: datetime) -> Outcome:
    """A 429. It does not say whether the channel's limit or the app's was met; the channel's is far the narrower."""
    asked = retry_after(reply, now=now) or wait_of((json_object(reply) or {}).get("retry_after"))
    return throttled("429", asked or _DEFAULT_WAIT_S)
