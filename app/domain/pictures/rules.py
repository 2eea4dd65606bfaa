"""What is a picture, told by its bytes alone: neither a file's name nor what a browser says of it counts."""

import hashlib

from app.core import ids
from app.domain.pictures.states import Kind

LARGEST = 2_000_000
"""Bytes. WeCom's robots take two megabytes and everybody else more, so whatever is kept can go everywhere."""

_ENDS = {
    Kind.PNG: (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"),
    Kind.JPEG: (b"\xff\xd8\xff", b"\xff\xd9"),
}
"""How a picture of each kind begins, and what stands at its end; a file that was cut short lacks it."""


def problem(content: bytes) -> str | None:
    """Why this is no picture that could be posted, as a sentence, or None."""
    if len(content) > LARGEST:
        return f"A picture has at most {LARGEST:,} bytes; this one has more."
    if not content:
        return "The file is empty."
    if kind_of(content) is None:
        return "This is no whole PNG or JPEG picture."
    return None


def kind_of(content: bytes) -> Kind | None:
    for kind, (head, tail) in _ENDS.items():
        if content.startswith(head) and tail in content[len(head) :]:
            return kind
    return None


def id_of(center_id: str, content: bytes) -> str:
    """The one id these bytes have in a center: the same picture is kept once, and never changes."""
    return ids.derive("pic", center_id, hashlib.sha256(content).hexdigest())
