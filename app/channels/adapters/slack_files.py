"""A picture on its way into Slack: three calls lay it with the app (`files.getUploadURLExternal`, the bytes,
`files.completeUploadExternal`), and an image block of a message shows it. Slack's references of these methods and of
the `slack_file` object."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from app.channels.adapters.answers import json_object, say
from app.channels.adapters.tokens import Token, lent
from app.channels.port import Outcome, Picture, Post, Verdict
from app.core.http import Http, Reply, Request

BESIDE_PICTURE = 2_980
"""Characters of a section block, less a call to everyone."""

Asking = Callable[[str, Mapping[str, object]], Awaitable[Reply | Outcome]]


async def laid(http: Http, post: Post, picture: Picture, ask: Asking) -> Token | Reply | Outcome:
    """The file's id, or what Slack said instead. Until a message shows it, only the app itself sees it."""
    size = {"filename": picture.filename, "length": len(picture.content)}
    reply = await ask("files.getUploadURLExternal", size)
    answer = _yes(reply)
    url, number = str(answer.get("upload_url", "")), lent(answer.get("file_id"), None)
    if isinstance(reply, Outcome) or number is None or not _is_slacks(url, post):
        return reply
    took = await say(http, Request(url, body=picture.content, headers={"content-type": picture.media_type}))
    if isinstance(took, Outcome) or took.status != 200:
        return took
    done = await ask("files.completeUploadExternal", {"files": [{"id": number.text}]})
    return number if _yes(done) else done


def with_picture(said: Mapping[str, object], picture: Picture, number: str) -> dict[str, object]:
    """The blocks of a message with this picture; its text is what a notification says."""
    image = {"type": "image", "slack_file": {"id": number}, "alt_text": picture.filename}
    text = said["text"]
    words = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}] if text else []
    return {"text": text or picture.filename, "blocks": [image, *words]}


def too_fresh(reply: Reply) -> Outcome | None:
    """A file can be shown once Slack has looked at it, which it does in its own time; until then nothing is posted."""
    answer = json_object(reply) or {}
    if answer.get("ok") is False and answer.get("error") == "invalid_blocks" and "invalid slack file" in str(answer):
        detail = "Slack has not looked at the picture yet, and posted nothing."
        return Outcome(Verdict.NOT_SENT, "invalid_blocks", detail)
    return None


def _yes(reply: Reply | Outcome) -> Mapping[str, object]:
    """The answer that says yes, or nothing."""
    answer = (json_object(reply) or {}) if isinstance(reply, Reply) and reply.status == 200 else {}
    return answer if answer.get("ok") is True else {}


def _is_slacks(url: str, post: Post) -> bool:
    """Whether a picture may go there: to Slack's own hosts, or to the one this account names."""
    try:
        place = urlsplit(url)
        own = urlsplit(post.base_url or "https://slack.com").netloc
    except ValueError:
        return False
    return place.netloc == own or (place.scheme == "https" and f".{place.netloc}".endswith(".slack.com"))
