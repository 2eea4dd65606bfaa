"""The one place where concrete things are chosen: settings in, a Kit out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.clock import DatabaseClock
from app.core.db import TROUBLE, Database
from app.core.http import HttpClient
from app.core.jobs import ArqQueue, NoQueue
from app.core.marks import Folder, InRedis, Marks
from app.core.secrets import Vault, keys_in
from app.core.settings import Settings
from app.flows.kit import Kit


@retry(
    retry=retry_if_exception_type(TROUBLE),
    wait=wait_exponential(multiplier=0.2, max=5),
    stop=stop_after_delay(60),
    reraise=True,
)
async def _reached(db: Database) -> None:
    """The database answers, and tells the time. It may take its time to start: a minute at most."""
    await db.follow_clock()


@asynccontextmanager
async def build_kit(settings: Settings) -> AsyncIterator[Kit]:
    """A Kit for this process; everything it opened is closed at the end of the block."""
    queue = ArqQueue(settings.redis_url.get_secret_value()) if settings.redis_url else NoQueue()
    clock = DatabaseClock()
    db = Database(settings.database, clock=clock, queue=queue)
    guard = Guard(frozenset(settings.allowed_hosts))
    http = HttpClient(guard)
    keys = [key.get_secret_value() for key in settings.secret_keys] or keys_in(settings.data_dir)
    places = [InRedis(settings.redis_url.get_secret_value())] if settings.redis_url else []
    marks = Marks([Folder(settings.data_dir / "marks"), *places])
    try:
        await _reached(db)
        vault = Vault(keys)
        yield Kit(
            settings=settings,
            db=db,
            clock=clock,
            queue=queue,
            vault=vault,
            http=http,
            channels=channels(guard),
            marks=marks,
        )
    finally:
        await marks.close()
        await http.close()
        await db.close()
        if isinstance(queue, ArqQueue):
            await queue.close()
