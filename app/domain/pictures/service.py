"""Pictures: kept once, shown to their own center."""

from typing import Any

from app.core import audit
from app.core.db import Tx
from app.core.errors import Invalid, NotFound
from app.domain.pictures import rules, store
from app.domain.pictures.store import Bytes

__all__ = ["Bytes", "content", "head", "keep"]


async def keep(tx: Tx, center_id: str, content: bytes, *, actor: str, pointer: str) -> str:
    """The id of this picture, which is the same however often it is kept. Raises Invalid, which names `pointer`."""
    wrong, kind = rules.problem(content), rules.kind_of(content)
    if wrong is not None or kind is None:
        raise Invalid.field(pointer, wrong or "", code="not_a_picture")
    picture_id = rules.id_of(center_id, content)
    row = {"id": picture_id, "center_id": center_id, "kind": kind, "size": len(content), "content": content}
    if await store.keep(tx, {**row, "created_by": actor}):
        await audit.note(tx, center_id, actor=actor, action="picture.keep", subject=picture_id, size=len(content))
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
