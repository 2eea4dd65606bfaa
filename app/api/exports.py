"""A campaign as a sheet to keep: CSV or XLSX, with its words in Chinese or English."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from app.api.deps import KitDep, Reader
from app.api.shapes import Id
from app.core.filling import primary
from app.core.sheet_writer import Format, sheet_in
from app.domain.access import service as access
from app.domain.campaigns import service as campaigns
from app.reports import export
from app.reports.export import What
from app.reports.export_words import Tongue

router = APIRouter(prefix="/campaigns", tags=["over time"])

CHUNK = 256 * 1024


@router.get(
    "/{campaign_id}/export",
    response_class=StreamingResponse,
    responses={200: {"content": {form.media_type: {"schema": {"type": "string"}} for form in Format}}},
)
async def sheet(
    kit: KitDep,
    caller: Reader,
    campaign_id: Id,
    what: What = What.RELAYS,
    form: Annotated[Format, Query(alias="format")] = Format.CSV,
    lang: Annotated[Tongue | None, Query(description="Of the header and the states; else the center's.")] = None,
) -> StreamingResponse:
    """Every relay, what was missed, or the tree. No cell begins as a formula does; times are the center's own."""
    file = TemporaryFile()  # noqa: SIM115  the answer closes it when it has been sent
    try:
        async with kit.db.read() as tx:
            await campaigns.found(tx, caller.center_id, campaign_id)
            center = await access.center(tx, caller.center_id)
            tongue = lang or (Tongue.EN if primary(center.language) == "en" else Tongue.ZH)
            with sheet_in(file, form) as out:
                await export.write(tx, out, center.id, campaign_id, what=what, tongue=tongue, zone=center.timezone)
    except BaseException:
        file.close()
        raise
    name = f"muster-{what.value}-{campaign_id}.{form.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_sent(file), media_type=form.media_type, headers=headers)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
