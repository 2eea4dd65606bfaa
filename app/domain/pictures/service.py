"""Pictures: kept once, shown to their own center."""

import asyncio
from typing import Any

from app.core import audit
from app.core.db import Tx
from app.core.errors import Invalid, NotFound
from app.core.images import Image
from app.domain.pictures import rules, store
from app.domain.pictures.states import Kind
from app.domain.pictures.store import Bytes

__all__ = ["Bytes", "bare", "content", "head", "id_of", "keep"]


async def bare(content: bytes, *, pointer: str) -> Image:
    """The picture in these bytes as it is kept. Raises Invalid, and names `pointer`. A file made to be slow takes a
    second or more to be read: do it with no transaction open."""
    image = await asyncio.to_thread(rules.bared, content)
    if isinstance(image, str):
        raise Invalid.field(pointer, image, code="not_a_picture")
    return image


def id_of(center_id: str, image: Image) -> str:
    """The id under which this center keeps this picture."""
    return rules.id_of(center_id, image.content)


async def keep(tx: Tx, center_id: str, image: Image, *, actor: str) -> str:
    """The id of this picture, which is the same however often it is kept."""
    picture_id, size = id_of(center_id, image), len(image.content)
    if not await store.want(tx, center_id, picture_id):
        row = {"center_id": center_id, "kind": Kind(image.kind), "size": size, "content": image.content}
        if await store.keep(tx, {"id": picture_id, **row, "created_by": actor}):
            await audit.note(tx, center_id, actor=actor, action="picture.keep", subject=picture_id, size=size)
    return picture_id


async def head(tx: Tx, center_id: str, picture_id: str) -> Any:
    """What is known of this center's picture. Raises NotFound."""
    found = await store.head(tx, center_id, picture_id)
    if found is None:
        raise NotFound("picture_not_found", "There is no such picture in this center.")
    return found


async def content(tx: Tx, center_id: str, picture_id: str) -> Bytes:
    """This center's picture. Raises NotFound."""
    await head(tx, center_id, picture_id)
    [found] = await store.contents(tx, [picture_id])
    return found
