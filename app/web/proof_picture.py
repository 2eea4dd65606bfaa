"""A proof as a picture: how the form of the relay page brings it along, and what is said of a file that is none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Receive

from app.core.errors import AppError, Invalid
from app.core.images import Image
from app.domain.pictures import service as pictures
from app.domain.pictures.rules import LARGEST
from app.web.said import Knock

FIELD = "proof_picture"
LARGEST_FORM = 2_100_000
"""Bytes of a form with a picture."""
HEARD_OUT = 12_000_000
"""Bytes of a larger form that are read and dropped before it is refused: a browser that is still sending its photo
would not hear why."""
MOST_FIELDS = 6_000


class TooLarge(AppError):
    """The picture has more bytes than one may have."""

    status = 413


def is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


@asynccontextmanager
async def sent_form(request: Request, link: Knock, relay_id: str | None) -> AsyncIterator[FormData]:
    """What the form says; a file is in it only where the link's relay asks for a proof that can be a picture. Whoever
    the link does not know is refused before a file is read. Raises TooLarge, Invalid."""
    files = await link.pictures_for(relay_id) if relay_id and is_multipart(request) else 0
    try:
        form = await request.form(max_files=files, max_fields=MOST_FIELDS)
    except HTTPException as error:
        if error.status_code != TooLarge.status:
            raise Invalid("malformed_form", "The form could not be read.") from error
        if not files:
            raise
        raise too_large() from error
    try:
        yield form
    finally:
        await form.close()


async def picture_in(form: FormData) -> Image | None:
    """The picture that was chosen in the form, bared, if any was. Raises TooLarge, Invalid."""
    file = form.get(FIELD)
    if not isinstance(file, UploadFile) or not (file.filename or file.size):
        return None
    content = await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise too_large()
    return await pictures.bare(content, pointer=f"/{FIELD}")


def too_large() -> TooLarge:
    return TooLarge("picture_too_large", f"A picture has at most {LARGEST:,} bytes; this one has more.")


async def hear_out(request: Request, receive: Receive) -> None:
    """Drop a body that was refused for the length it said it has, before any of it was read; within bounds. Of one that
    said nothing some was read, and nobody knows whether more is to come."""
    said = request.headers.get("content-length", "")
    heard, more = 0, True
    while more and said.isdecimal() and heard < min(int(said), HEARD_OUT):
        message = await receive()
        heard += len(message.get("body", b""))
        more = message.get("more_body", False)
