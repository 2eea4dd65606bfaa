"""The album: texts and pictures that are being posted, read once and not for every group they go to."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from app.channels.port import Picture
from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.pictures import store as pictures

PICTURES = 8
"""Pictures that are kept in mind: sixteen megabytes at most."""
TEXTS = 64
"""Five megabytes at most."""

Kept = TypeVar("Kept")


class Album:
    """What was read lately, the latest last. Neither a picture nor a finished text ever changes, so nothing here grows
    old."""

    def __init__(self) -> None:
        self._pictures: dict[str, Picture] = {}
        self._texts: dict[str, Any] = {}

    async def pictures(self, tx: Tx, picture_ids: Iterable[str]) -> Mapping[str, Picture]:
        """These pictures, by their ids."""
        found, missing = _remembered(self._pictures, picture_ids)
        for row in await pictures.contents(tx, missing) if missing else ():
            found[row.id] = Picture(row.id, row.kind.media_type, row.kind.filename, row.content)
        _remember(self._pictures, found, most=PICTURES)
        return found

    async def texts(self, tx: Tx, text_ids: Iterable[str]) -> Mapping[str, Any]:
        """These texts as `campaigns.texts` tells them, by their ids."""
        found, missing = _remembered(self._texts, text_ids)
        if missing:
            found |= await campaigns.texts(tx, missing)
        _remember(self._texts, found, most=TEXTS)
        return found


def _remembered(kept: dict[str, Kept], names: Iterable[str]) -> tuple[dict[str, Kept], list[str]]:
    """What is kept of these, and which are not."""
    wanted = sorted(set(names))
    return {name: kept[name] for name in wanted if name in kept}, [name for name in wanted if name not in kept]


def _remember(kept: dict[str, Kept], found: Mapping[str, Kept], *, most: int) -> None:
    """Keep these as the latest, and forget the oldest beyond `most`."""
    for name in found:
        kept.pop(name, None)
    kept |= found
    for name in list(kept)[:-most]:
        del kept[name]
