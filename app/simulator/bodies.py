"""What the practice platforms read of a body: a JSON object, or an empty one for anything else."""

import json
from collections.abc import Mapping

from starlette.requests import Request


async def json_body(request: Request) -> Mapping[str, object] | None:
    """The body's JSON object, or None for what is none."""
    return as_object(await request.body())


def as_object(text: object) -> Mapping[str, object] | None:
    """The JSON object a text holds, or None for what is none."""
    if not isinstance(text, str | bytes):
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
