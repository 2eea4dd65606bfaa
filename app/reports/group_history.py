"""What reached one group over time: its campaigns, the newest first."""

from sqlalchemy import select
from sqlmodel import col

from app.core import paging
from app.core.db import Tx
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Leader
from app.domain.relays.tables import Relay
from app.reports.proofs import shown


async def history(tx: Tx, center_id: str, group_id: str, *, limit: int, cursor: str | None) -> paging.Page[object]:
    """Every campaign that had a relay for this group, with how that relay ended. Walks the center's campaigns from the
    newest on and looks each relay up by its unique key."""
    query = (
        select(
            *(col(getattr(Relay, name)) for name in ("campaign_id", "state", "route", "via", "evidence", "late")),
            *(col(getattr(Relay, name)) for name in ("reason", "leader_id", "nudges", "starts_at", "deadline_at")),
            *(col(getattr(Relay, name)) for name in ("relayed_at", "changed_at")),
            col(Relay.id).label("relay_id"),
            col(Campaign.title).label("title"),
            col(Campaign.drill).label("drill"),
            col(Leader.name).label("leader"),
            shown(),
        )
        .select_from(Campaign)
        .join(Relay, (col(Relay.campaign_id) == col(Campaign.id)) & (col(Relay.group_id) == group_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .where(col(Campaign.center_id) == center_id)
        .order_by(col(Campaign.id).desc())
        .limit(limit + 1)
    )
    before = paging.decode(cursor)
    rows = await tx.table(query if before is None else query.where(col(Campaign.id) < before))
    more = paging.encode(rows[limit - 1].campaign_id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)
