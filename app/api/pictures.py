"""Pictures: kept once under an id that stands for their bytes, to be named by campaigns."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile, status

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Id, Shape
from app.domain.pictures import service
from app.domain.pictures.rules import LARGEST
from app.domain.pictures.states import Kind

router = APIRouter(prefix="/pictures", tags=["campaigns"])

_SHOWN = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}


class PictureShape(Shape):
    """`size` is in bytes, as it is kept; `created_at` is when it was last handed in, or named by a new campaign. The
    bytes themselves stand under `/pictures/{id}`."""

    id: str
    kind: Kind
    size: int
    created_at: datetime
    created_by: str


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(
    kit: KitDep,
    caller: Operator,
    file: Annotated[
        UploadFile,
        File(description=f"PNG or JPEG, {LARGEST:,} bytes at most; width and height 10,000 pixels together."),
    ],
) -> PictureShape:
    """Keep a picture, without what its file tells of place, time and camera. The same bytes always have the same id, so
    that asking twice is as good as once. One that no campaign names, and that is nobody's proof, goes after 30 days."""
    image = await service.bare(await file.read(LARGEST + 1), pointer="/file")
    async with kit.db.write() as tx:
        picture_id = await service.keep(tx, caller.center_id, image, actor=caller.actor)
        return PictureShape.model_validate(await service.head(tx, caller.center_id, picture_id))


@router.get("/{picture_id}", response_class=Response, responses={200: {"content": {"image/*": {}}}})
async def show(kit: KitDep, caller: Reader, picture_id: Id) -> Response:
    """The picture itself."""
    async with kit.db.read() as tx:
        found = await service.content(tx, caller.center_id, picture_id)
    return Response(found.content, media_type=found.kind.media_type, headers=_SHOWN)
