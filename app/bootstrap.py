"""The one place where concrete things are chosen: settings in, a Kit out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.clock import DatabaseClock
from app.core.db import Database
from app.core.http import HttpClient
from app.core.jobs import ArqQueue, NoQueue
from app.core.secrets import Vault, keys_in
from app.core.settings import Settings
from app.flows.kit import Kit


@asynccontextmanager
async def build_kit(settings: Settings) -> AsyncIterator[Kit]:
    """A Kit for this process; everything it opened is closed at the end of the block."""
    queue = ArqQueue(settings.redis_url.get_secret_value()) if settings.redis_url else NoQueue()
    clock = DatabaseClock()
    db = Database(settings.database, clock=clock, queue=queue)
    http = HttpClient(Guard(frozenset(settings.allowed_hosts)))
    keys = [key.get_secret_value() for key in settings.secret_keys] or keys_in(settings.data_dir)
    try:
        await db.follow_clock()
        yield Kit(settings=settings, db=db, clock=clock, queue=queue, vault=Vault(keys), http=http, channels=channels())
    finally:
        await http.close()
        await db.close()
        if isinstance(queue, ArqQueue):
            await queue.close()
