"""Set back: a database restored from a copy does not know what left since. Before anything else leaves, every center
stops, whatever may have left is in doubt, and what may have begun is paused, until a human has looked."""

import contextlib
from datetime import timedelta

import structlog

from app.core import audit
from app.core.db import Database
from app.core.marks import Mark, Unreadable
from app.domain.access import store as access
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import News as CampaignNews
from app.domain.deliveries import store as deliveries
from app.domain.pulse import rules
from app.domain.pulse import store as pulse
from app.domain.relays.states import News
from app.flows.call_off import end_relays
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

BATCH = 500
LATER = timedelta(seconds=60)
"""What left after the last mark is in doubt, too: a beat that fails leaves none."""


async def beat(kit: Kit) -> None:
    """Note that the database has come further, here and in its marks. Holds everything if it is behind them."""
    async with kit.db.write() as tx:
        lineage, mark = await pulse.beat(tx)
    with contextlib.suppress(Unreadable):
        known = await kit.marks.read(lineage)
        if known is not None and known.beats >= mark.beats:
            await look_back(kit)
    await kit.marks.leave(lineage, mark)


async def look_back(kit: Kit) -> bool:
    """Hold everything if the database is behind its marks; answers whether it was. Safe to run twice: the beats catch
    up only when all is held. Raises Unreadable while that cannot be told."""
    async with kit.db.write() as tx:
        lineage, _ = await pulse.feel(tx)
    known = await kit.marks.read(lineage)
    async with kit.db.read() as tx:
        _, now = await pulse.feel(tx)
    if known is None or not rules.set_back(now, known):
        return False
    await hold(kit.db, now, known)
    return True


async def hold(db: Database, was: Mark, known: Mark) -> int:
    """Whatever may have left between these two moments, or a little later, is in doubt; answers how many deliveries
    are."""
    reason = rules.lost(was, known)
    log.error("database_set_back", was=was.at.isoformat(), known=known.at.isoformat())
    async with db.write() as tx:
        for center in await access.centers(tx):
            await access.set_stopped(tx, center.id, stopped=True)
            await deliveries.close_gate(tx, center.id, reason=reason)
            await audit.note(tx, center.id, actor="muster", action="center.hold", subject=center.id, reason=reason)
    async with db.write() as tx:
        for campaign_id in await campaigns.may_have_begun(tx, by=known.at):
            await campaigns.tell(tx, campaign_id, CampaignNews.PAUSED, actor="muster", reason=reason)
            await deliveries.close_gate(tx, campaign_id, reason=reason)
    doubtful = 0
    while count := await _doubt(db, known, reason):
        doubtful += count
    async with db.write() as tx:
        await pulse.catch_up(tx, known)
    return doubtful


async def _doubt(db: Database, known: Mark, reason: str) -> int:
    """The next deliveries whose time had come by then."""
    async with db.write() as tx:
        doubted = await deliveries.doubt(tx, due_by=known.at + LATER, reason=reason, limit=BATCH)
        await end_relays(tx, doubted, doubted.uncertain, News.LINE_LOST, reason=reason)
    return doubted.count
