"""The album: pictures that are being posted, read from the database once and not for every group they go to."""

from collections.abc import Iterable, Mapping

from app.channels.port import Picture
from app.core.db import Tx
from app.domain.pictures import store as pictures

MOST = 8
"""Pictures that are kept in mind: sixteen megabytes at most."""


class Album:
    """What was read lately, the latest last. A picture never changes, so nothing here grows old."""

    def __init__(self) -> None:
        self._kept: dict[str, Picture] = {}

    async def pictures(self, tx: Tx, picture_ids: Iterable[str]) -> Mapping[str, Picture]:
        """These pictures, by their ids."""
        wanted = sorted(set(picture_ids))
        found = {name: self._kept.pop(name) for name in wanted if name in self._kept}
        missing = [name for name in wanted if name not in found]
        for row in await pictures.contents(tx, missing) if missing else ():
            found[row.id] = Picture(row.id, row.kind.media_type, row.kind.filename, row.content)
        self._kept |= found
        for name in list(self._kept)[:-MOST]:
            del self._kept[name]
        return found
