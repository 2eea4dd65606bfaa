"""Pictures: kept once, shown to their own center."""

from typing import Any

from app.core import audit
from app.core.db import Tx
from app.core.errors import Invalid, NotFound
from app.domain.pictures import rules, store
from app.domain.pictures.states import Kind
from app.domain.pictures.store import Bytes

__all__ = ["Bytes", "content", "head", "keep"]


async def keep(tx: Tx, center_id: str, content: bytes, *, actor: str, pointer: str) -> str:
    """The id of this picture, bared, which is the same however often it is kept. Raises Invalid, and names
    `pointer`."""
    image = rules.bared(content)
    if isinstance(image, str):
        raise Invalid.field(pointer, image, code="not_a_picture")
    picture_id, size = rules.id_of(center_id, image.content), len(image.content)
    row = {"id": picture_id, "center_id": center_id, "kind": Kind(image.kind), "size": size, "content": image.content}
    if await store.keep(tx, {**row, "created_by": actor}):
        await audit.note(tx, center_id, actor=actor, action="picture.keep", subject=picture_id, size=size)
    else:
        await store.want(tx, center_id, picture_id)
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
