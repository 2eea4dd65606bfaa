"""Marks: how far a database had come, kept outside of it. A database that was restored from a copy is behind its mark,
and knows nothing of what left since."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

ANSWER_S = 0.25


@dataclass(frozen=True, order=True)
class Mark:
    """A database's beats, counted up for as long as it lives, and the moment of the last one."""

    beats: int
    at: datetime


class Unreadable(Exception):
    """Whether a mark is kept there cannot be told now."""


class Place(Protocol):
    async def read(self, lineage: str) -> Mark | None:
        """The mark of the database with this name, None where none is. Raises Unreadable."""
        ...

    async def leave(self, lineage: str, mark: Mark) -> None:
        """Keep this mark, unless a further one is kept. Never raises: the next one comes in a second."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Marks:
    """The places in which marks are kept; the furthest counts."""

    places: Sequence[Place] = field(default_factory=tuple)

    async def read(self, lineage: str) -> Mark | None:
        """Raises Unreadable where a place cannot be read and no other has a mark."""
        found, unreadable = [], False
        for place in self.places:
            try:
                found.append(await place.read(lineage))
            except Unreadable:
                unreadable = True
        mark = max((one for one in found if one is not None), default=None)
        if mark is None and unreadable:
            raise Unreadable
        return mark

    async def leave(self, lineage: str, mark: Mark) -> None:
        for place in self.places:
            await place.leave(lineage, mark)

    async def close(self) -> None:
        for place in self.places:
            await place.close()


class Folder:
    """Marks as small files, each replaced whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = False

    async def read(self, lineage: str) -> Mark | None:
        try:
            return _mark((self._folder / f"{lineage}.mark").read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreadable from error

    async def leave(self, lineage: str, mark: Mark) -> None:
        path = self._folder / f"{lineage}.mark"
        fresh = path.with_suffix(".fresh")
        try:
            known = await self.read(lineage)
            if known is None or known < mark:
                self._folder.mkdir(parents=True, exist_ok=True)
                fresh.write_bytes(_bytes(mark))
                fresh.replace(path)
        except (OSError, Unreadable) as error:
            if not self._told:  # a container's file system may be read-only, and Redis keeps the mark then
                log.warning("mark_not_kept", folder=str(self._folder), because=type(error).__name__)
            self._told = True

    async def close(self) -> None:
        """Nothing is open."""


class InRedis:
    """Marks in Redis, which may be away, or have forgotten them."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S)

    async def read(self, lineage: str) -> Mark | None:
        try:
            return _mark(await self._redis.get(f"muster:mark:{lineage}"))
        except (RedisError, OSError, TimeoutError) as error:
            raise Unreadable from error

    async def leave(self, lineage: str, mark: Mark) -> None:
        with contextlib.suppress(RedisError, OSError, TimeoutError, Unreadable):
            known = await self.read(lineage)
            if known is None or known < mark:
                await self._redis.set(f"muster:mark:{lineage}", _bytes(mark))

    async def close(self) -> None:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await self._redis.aclose()


def _bytes(mark: Mark) -> bytes:
    return json.dumps({"beats": mark.beats, "at": mark.at.isoformat()}).encode()


def _mark(kept: Any) -> Mark | None:
    """None for what nobody of us wrote."""
    try:
        found = json.loads(kept)
        at = datetime.fromisoformat(found["at"])
        return Mark(int(found["beats"]), at) if at.tzinfo is not None else None
    except (TypeError, ValueError, KeyError):
        return None
