"""`muster export --campaign`: what became of one campaign, as a sheet or one object a line."""

import json
from typing import IO

from app.cli.local import center_named, database
from app.cli.terminal import Failed, note
from app.core.errors import NotFound
from app.core.sheet_writer import Format, sheet_in
from app.domain.access import service as access
from app.domain.campaigns import service as campaigns
from app.reports.export import What, slices, write
from app.reports.export_words import Tongue


async def export_campaign(
    file: IO[bytes], campaign_id: str, *, center: str | None, what: What, form: Format | None, tongue: Tongue
) -> None:
    """Write into the file; without a form, one JSON object a line. Raises Failed for a campaign that is not there."""
    async with database() as (db, _), db.read() as tx:
        home = await access.center(tx, await center_named(tx, center))
        try:
            await campaigns.found(tx, home.id, campaign_id)
        except NotFound as error:
            raise Failed(error.sentence) from error
        if form is not None:
            with sheet_in(file, form) as out:
                count = await write(tx, out, home.id, campaign_id, what=what, tongue=tongue, zone=home.timezone)
            note(f"{count} rows.")
            return
        async for rows in slices(tx, home.id, campaign_id, what=what):
            for row in rows:
                file.write((json.dumps(row, ensure_ascii=False, default=str) + "\n").encode())
