"""Every SQL statement of campaigns."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, literal, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.campaigns.states import MOVES, RESTING, News, Priority, State
from app.domain.campaigns.store.texts import keep_texts as keep_texts
from app.domain.campaigns.store.texts import naming as naming
from app.domain.campaigns.store.texts import texts as texts
from app.domain.campaigns.store.turns import ANY_TO_CLEAR as ANY_TO_CLEAR
from app.domain.campaigns.store.turns import ANY_TO_PIN as ANY_TO_PIN
from app.domain.campaigns.store.turns import ANY_TO_START as ANY_TO_START
from app.domain.campaigns.store.turns import ANY_UNDIGESTED as ANY_UNDIGESTED
from app.domain.campaigns.store.turns import ANY_UNPLANNED as ANY_UNPLANNED
from app.domain.campaigns.store.turns import clear_again as clear_again
from app.domain.campaigns.store.turns import cleared as cleared
from app.domain.campaigns.store.turns import digested as digested
from app.domain.campaigns.store.turns import may_have_begun as may_have_begun
from app.domain.campaigns.store.turns import to_clear as to_clear
from app.domain.campaigns.store.turns import to_pin as to_pin
from app.domain.campaigns.store.turns import to_start as to_start
from app.domain.campaigns.store.turns import undigested as undigested
from app.domain.campaigns.store.turns import unplanned as unplanned
from app.domain.campaigns.tables import Campaign, CampaignGroup, IdempotencyRecord

_FACTS = [name for name in CampaignGroup.model_fields if name != "campaign_id"]


async def add(tx: Tx, campaign: Campaign) -> None:
    await tx.add(campaign)


async def find(tx: Tx, center_id: str, campaign_id: str) -> Campaign | None:
    return await tx.first(select(Campaign).where(Campaign.id == campaign_id, Campaign.center_id == center_id))


async def asks(tx: Tx, campaign_id: str) -> Any:
    """(state, seed, proof_percent, proof): whether it goes on, and what it asks of whoever says "done"; None where
    there is none."""
    return next(iter(await tx.table(_ASKS, {"campaign": campaign_id})), None)


_ASKS = columns(col(Campaign.state), col(Campaign.seed), col(Campaign.proof_percent), col(Campaign.proof)).where(
    col(Campaign.id) == bindparam("campaign")
)


async def hold(tx: Tx, campaign_id: str) -> Campaign | None:
    """The campaign, its row locked until the transaction ends. Whoever wants relays or deliveries too takes them after
    it, in the order of their ids: then nobody waits for somebody who waits for him."""
    return await tx.first(select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True))


async def hold_all(tx: Tx, campaign_ids: Collection[str], *, free: bool = False) -> dict[str, Campaign]:
    """These campaigns by their ids, their rows locked in that order, before any relay is; with `free`, which whoever
    holds relays may ask too, without those that somebody else holds."""
    these = select(Campaign).where(among(col(Campaign.id), sorted(campaign_ids))).order_by(col(Campaign.id))
    held = await tx.all(these.with_for_update(key_share=True, skip_locked=free)) if campaign_ids else []
    return {campaign.id: campaign for campaign in held}


async def look(tx: Tx, campaign_id: str) -> Campaign | None:
    """The campaign as it stands, of whatever center."""
    return await tx.first(select(Campaign).where(Campaign.id == campaign_id))


async def receipt(tx: Tx, center_id: str, key: str) -> IdempotencyRecord | None:
    """What an earlier request with this key made."""
    return await tx.first(
        select(IdempotencyRecord).where(IdempotencyRecord.center_id == center_id, IdempotencyRecord.key == key)
    )


async def keep_receipt(tx: Tx, center_id: str, key: str, *, fingerprint: str, campaign_id: str) -> bool:
    """Note that this key made this campaign. False when another request was first."""
    row = {"center_id": center_id, "key": key, "fingerprint": fingerprint, "campaign_id": campaign_id}
    kept = await tx.run(tx.upsert(IdempotencyRecord).values(**row, created_at=tx.now).on_conflict_do_nothing())
    return kept.rowcount == 1


async def tell(tx: Tx, campaign_id: str, news: News, *, actor: str, reason: str = "", **values: Any) -> bool:
    """Tell a campaign the news: one conditional UPDATE and one journal line, or False when its state forbids it."""
    campaign = await hold(tx, campaign_id)
    if campaign is None or not MOVES.allowed(campaign.state, news):
        return False
    was = campaign.state
    moved = await tx.run(
        update(Campaign)
        .where(col(Campaign.id) == campaign_id, col(Campaign.state) == was)
        .values(state=MOVES.after(news), **values)
    )
    if moved.rowcount == 0:
        return False
    became = MOVES.after(news).value
    line = Move(campaign_id, campaign_id, Subject.CAMPAIGN, campaign_id, was.value, became, actor, reason)
    await append(tx, [line])
    return True


async def freeze(tx: Tx, campaign_id: str, audience: Select[Any]) -> int:
    """Copy the audience, as it stands now, under the campaign, with how many groups it has; answers their number."""
    rows = columns(literal(campaign_id), *audience.subquery().c)
    frozen = await tx.run(tx.upsert(CampaignGroup).from_select(["campaign_id", *_FACTS], rows))
    await tx.run(update(Campaign).where(col(Campaign.id) == campaign_id).values(audience_count=frozen.rowcount))
    return frozen.rowcount


async def some_groups(tx: Tx, audience: Select[Any], *, after: str, limit: int) -> list[Any]:
    """The next groups of an audience that is not frozen yet, by id: the same columns as a frozen one."""
    source = audience.subquery()
    return await tx.table(columns(source).where(source.c.group_id > after).order_by(source.c.group_id).limit(limit))


async def frozen_groups(tx: Tx, campaign_id: str, *, after: str, limit: int) -> list[Any]:
    """The next groups of a frozen audience, by id."""
    facts = columns(*(getattr(CampaignGroup, name) for name in _FACTS))
    ahead = facts.where(col(CampaignGroup.campaign_id) == campaign_id, col(CampaignGroup.group_id) > after)
    return await tx.table(ahead.order_by(col(CampaignGroup.group_id)).limit(limit))


async def addressed(tx: Tx, campaign_id: str) -> set[str]:
    """Every group of a frozen audience."""
    return set(await tx.all(select(CampaignGroup.group_id).where(CampaignGroup.campaign_id == campaign_id)))


async def last_correction(tx: Tx, campaign_id: str) -> Any:
    """(id, state, cleared_at) of the campaign that was launched last to correct this one; None where there is none."""
    launched = columns(col(Campaign.id), col(Campaign.state), col(Campaign.cleared_at)).where(
        col(Campaign.corrects_id) == campaign_id, col(Campaign.launched_at).is_not(None)
    )
    newest = launched.order_by(col(Campaign.launched_at).desc(), col(Campaign.id).desc()).limit(1)
    return next(iter(await tx.table(newest)), None)


async def is_cleared(tx: Tx, campaign_id: str) -> bool:
    """Whether nothing of a campaign that was called off is under way or waits any more."""
    cleared = select(Campaign.id).where(Campaign.id == campaign_id, col(Campaign.cleared_at).is_not(None))
    return await tx.first(cleared) is not None


async def frozen(tx: Tx, campaign_id: str, group_ids: Sequence[str]) -> list[CampaignGroup]:
    """These groups as a launched campaign found them."""
    return await tx.all(
        select(CampaignGroup).where(
            CampaignGroup.campaign_id == campaign_id, among(col(CampaignGroup.group_id), group_ids)
        )
    )


async def advance_plan(
    tx: Tx, campaign_id: str, *, was: str, cursor: str, planned_at: datetime | None, ends_at: datetime | None
) -> bool:
    """Move the plan's cursor. False when another planner was here first."""
    moved = await tx.run(
        update(Campaign)
        .where(col(Campaign.id) == campaign_id, col(Campaign.plan_cursor) == was, col(Campaign.planned_at).is_(None))
        .values(plan_cursor=cursor, planned_at=planned_at, ends_at=ends_at)
    )
    return moved.rowcount == 1


async def lasts(tx: Tx, campaign_id: str, *, until: datetime) -> None:
    """Somebody has until then for a part of this campaign."""
    longer = (col(Campaign.id) == campaign_id, col(Campaign.ends_at) < until)
    await tx.run(update(Campaign).where(*longer).values(ends_at=until))


async def wakeful(tx: Tx, campaign_ids: Sequence[str]) -> set[str]:
    """Those of these campaigns that keep no quiet hours: incidents."""
    incidents = select(Campaign.id).where(
        among(col(Campaign.id), campaign_ids), col(Campaign.priority) == Priority.INCIDENT
    )
    return set(await tx.all(incidents))


async def asking(tx: Tx) -> list[str]:
    """Campaigns that may ask leaders now: planned to the end, and neither paused nor cancelled."""
    may = (col(Campaign.state).in_((State.RUNNING, State.SCHEDULED)), col(Campaign.planned_at).is_not(None))
    return await tx.all(select(Campaign.id).where(*may))


async def resting(tx: Tx) -> list[str]:
    """Campaigns in which nobody is asked or reminded until they are resumed, or their hour comes."""
    return await tx.all(select(Campaign.id).where(col(Campaign.state).in_(RESTING)))


async def stopped(tx: Tx, campaign_ids: Sequence[str]) -> list[str]:
    """Those of these campaigns that are paused or were cancelled."""
    held = col(Campaign.state).in_((State.PAUSED, State.CANCELLED))
    return await tx.all(select(Campaign.id).where(among(col(Campaign.id), campaign_ids), held))


async def lately(tx: Tx, center_id: str, *, since: datetime) -> list[Campaign]:
    """A center's campaigns that have begun, were not cancelled, and end after `since`; the newest first."""
    return await tx.all(
        select(Campaign)
        .where(
            Campaign.center_id == center_id,
            col(Campaign.state).in_((State.RUNNING, State.PAUSED)),
            col(Campaign.starts_at) <= tx.now,
            col(Campaign.ends_at) > since,
        )
        .order_by(col(Campaign.id).desc())
    )


async def known(tx: Tx, campaign_ids: Sequence[str]) -> dict[str, Any]:
    """(id, center_id, title, state, planned_at) of these campaigns, of whatever center, by their ids."""
    names = ("id", "center_id", "title", "state", "planned_at")
    query = columns(*(col(getattr(Campaign, name)) for name in names)).where(among(col(Campaign.id), campaign_ids))
    return {row.id: row for row in await tx.table(query)}
