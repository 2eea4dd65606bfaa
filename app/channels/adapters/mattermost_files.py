"""A picture on its way to Mattermost: it lies in one channel, for one post (`POST /api/v4/files`)."""

from urllib.parse import urlencode

from app.channels.adapters.answers import json_object, say
from app.channels.port import Outcome, Picture
from app.core.http import Http, Reply, Request


async def laid(http: Http, request: Request, channel: str, picture: Picture) -> str | Reply | Outcome:
    """The file's id, or what the server said instead. `request` is the way to its files, whole but for the picture."""
    query = urlencode({"channel_id": channel, "filename": picture.filename})
    headers = {**request.headers, "content-type": picture.media_type}
    reply = await say(http, Request(f"{request.url}?{query}", body=picture.content, headers=headers))
    if isinstance(reply, Outcome):
        return reply
    infos = (json_object(reply) or {}).get("file_infos")
    first = infos[0] if reply.status in {200, 201} and isinstance(infos, list) and infos else None
    number = first.get("id") if isinstance(first, dict) else None
    return number if isinstance(number, str) and number else reply
