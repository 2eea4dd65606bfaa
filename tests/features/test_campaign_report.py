"""A report counts what the ledger says, by branch, by platform and by name."""

from sqlmodel import select

from app.core.db import Database
from app.domain.campaigns.tables import Campaign
from app.domain.relays.states import Part
from app.reports.campaign_report import campaign_report
from tests.builders.gallery import gallery


async def test_a_report_adds_up_whichever_way_it_is_read(db: Database) -> None:
    made = await gallery(db, groups=90, keys=("running",))
    async with db.read() as tx:
        campaign = await tx.first(select(Campaign).where(Campaign.id == made.campaigns["running"]))
        assert campaign is not None
        seen = await campaign_report(tx, made.center_id, campaign)
    counts = {state: number for state, number in seen.progress.counts.items() if number}
    by_branch = {state: sum(node.counts[state] for node in seen.branches) for state in counts}
    by_platform = {state: sum(each.get(state, 0) for _, each in seen.platforms) for state in counts}
    assert by_branch == by_platform == counts
    assert next(name for name, _ in seen.platforms) == "manual"
    assert len(seen.missed) + seen.unlisted == sum(counts.get(one, 0) for one in ("missed", "failed", "uncertain"))
    assert seen.missed
    assert [[told.part for told in one.told] for one in seen.missed] == [[Part.PRIMARY, Part.DEPUTY]] * len(seen.missed)
    assert (seen.center, seen.zone) == ("阳光社区", "Asia/Shanghai")
