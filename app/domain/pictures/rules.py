"""What is a picture, told by its bytes alone: neither a file's name nor what a browser says of it counts."""

import hashlib
from datetime import timedelta

from app.core import ids
from app.core.images import Image, read_image

LARGEST = 2_000_000
"""Bytes. WeCom's robots take two megabytes and everybody else more, so whatever is kept can go everywhere."""
SIDES_MOST, SLIMMEST = 10_000, 20
"""Pixels of width and height together, and how often the one may go into the other: Telegram takes no other photo, says
the documentation of its own library (TDLib, `inputMessagePhoto`)."""
KEPT_UNNAMED = timedelta(days=30)
"""So long after it was last handed in a picture is kept that no campaign names, and no proof is."""


def bared(content: bytes) -> Image | str:
    """The picture as it is kept, without what its file tells beside it; or why it cannot be posted, as a sentence."""
    if len(content) > LARGEST:
        return f"A picture has at most {LARGEST:,} bytes; this one has more."
    if not content:
        return "The file is empty."
    image = read_image(content)
    if image is None:
        return "This is no whole PNG or JPEG picture."
    sides = sorted((image.width, image.height))
    if sum(sides) > SIDES_MOST or sides[1] > sides[0] * SLIMMEST:
        return (
            f"A picture's width and height are at most {SIDES_MOST:,} pixels together, and one at most {SLIMMEST} "
            f"times the other; this one has {image.width:,} × {image.height:,}."
        )
    return image


def id_of(center_id: str, content: bytes) -> str:
    """The one id these bytes have in a center: the same picture is kept once, and never changes."""
    return ids.derive("pic", center_id, hashlib.sha256(content).hexdigest())
