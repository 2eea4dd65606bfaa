"""Keyset paging: a cursor is the sort key of the last item, opaque to the caller."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.core.errors import Invalid

T = TypeVar("T")

MAX_LIMIT = 200


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items, and where the next ones begin."""

    items: Sequence[T]
    next_cursor: str | None


def encode(key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """The sort key inside a cursor. Raises Invalid for one we never gave out."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid.field("/query/cursor", "This cursor was not given out by this list.") from error
    if not isinstance(key, str) or "\x00" in key or not key.isprintable():
        raise Invalid.field("/query/cursor", "This cursor was not given out by this list.")
    return key
