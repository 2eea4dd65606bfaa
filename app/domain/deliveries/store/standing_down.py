"""What has not left and need not any more, because somebody has done it or somebody else is on it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, bindparam, func, or_, text
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import any_of
from app.domain.deliveries.rules import BROADER
from app.domain.deliveries.states import MOVES, STANDS_FOR, Kind, News, State
from app.domain.deliveries.store.drops import end
from app.domain.deliveries.tables import MERGED, OMITTING, UNSENT, Delivery

_POSTS = col(Delivery.kind).in_(STANDS_FOR)


@dataclass(frozen=True)
class Letter:
    """A reminder that was called off, to whom it was to go, and the ids of campaigns it is about."""

    id: str
    leader_id: str
    about: Sequence[str]


def _free(*wanted: ColumnElement[bool] | TextClause) -> Select[Any]:
    """(id, campaign_id, relay_id, leader_id, state, also) of what has not left, and nobody has taken at this moment to
    send it: whoever holds relays waits for no delivery."""
    facts = (getattr(Delivery, name) for name in ("id", "campaign_id", "relay_id", "leader_id", "state", "also"))
    unsaid = columns(*facts).where(col(Delivery.resends) == 0, *wanted)
    return unsaid.order_by(col(Delivery.id)).with_for_update(skip_locked=True)


async def stand_down_posts(tx: Tx, relay_ids: Sequence[str], *, reason: str) -> None:
    """The posts of these relays need not leave any more. What may have been said stays."""
    await end(tx, await tx.table(_TO_POST, {"ids": relay_ids}), MOVES.after(News.CALLED_OFF), reason)


_DUE = col(Delivery.state) == State.DUE
_TO_POST = _free(_DUE, among(col(Delivery.relay_id), "ids"), _POSTS)


async def written_to(tx: Tx, leader_ids: Sequence[str]) -> set[str]:
    """Those of these leaders to whom anything was written that has not left."""
    rows = await tx.table(_WRITTEN_TO, {"ids": leader_ids}) if leader_ids else []
    return {row.leader_id for row in rows}


_WRITTEN_TO = columns(col(Delivery.leader_id)).where(text(UNSENT), among(col(Delivery.leader_id), "ids"))


async def stand_down_letters(tx: Tx, campaign_id: str, leader_ids: Sequence[str], *, reason: str) -> None:
    """These leaders need not be asked or reminded in this campaign any more. What may have been said stays."""
    rows = await tx.table(_LETTERS, {"campaign": campaign_id, "ids": leader_ids})
    await end(tx, rows, MOVES.after(News.CALLED_OFF), reason)


_LETTERS = _free(
    _DUE,
    col(Delivery.kind).in_((Kind.HAND_OFF, Kind.TASK, Kind.NUDGE, Kind.ESCALATION)),
    among(col(Delivery.leader_id), "ids"),
    col(Delivery.campaign_id) == bindparam("campaign"),
    col(Delivery.also).is_(None),
    ~col(Delivery.subject).startswith(BROADER),
)


async def call_off_merged(tx: Tx, campaign_id: str, leader_ids: Sequence[str] | None = None) -> list[Letter]:
    """Reminders that have not left and speak of this campaign among others, to these leaders or to anybody, are called
    off; answers them, each with all that it spoke of."""
    about = {"campaign": campaign_id, "named": campaign_id.replace("_", "/_")}
    theirs = {} if leader_ids is None else {"ids": leader_ids}
    rows = await tx.table(_MERGED if leader_ids is None else _MERGED_TO, about | theirs)
    await end(tx, rows, MOVES.after(News.CALLED_OFF), "it is written anew without what is done")
    return [Letter(row.id, str(row.leader_id), [row.campaign_id, *(row.also or "").split()]) for row in rows]


_ABOUT = (col(Delivery.campaign_id) == bindparam("campaign")) | col(Delivery.also).contains(
    bindparam("named"), escape="/"
)
_MERGED = _free(text(MERGED), _ABOUT)
_MERGED_TO = _free(text(MERGED), _ABOUT, among(col(Delivery.leader_id), "ids"))


async def omit(tx: Tx, omitted: Mapping[str, Sequence[str]]) -> None:
    """What was left out when these letters, by id, were written anew, and is still to be told; nothing: all is."""
    await tx.update_lines(Delivery, ("id", "omits"), [(one, " ".join(some) or None) for one, some in omitted.items()])


ANY_OMITTING = any_of(Delivery, text(OMITTING))


async def omitting(tx: Tx, *, limit: int) -> list[Letter]:
    """Letters that were written anew without some campaigns that are still to be told of, with those."""
    letters = columns(col(Delivery.id), col(Delivery.leader_id), col(Delivery.omits)).where(text(OMITTING))
    rows = await tx.table(letters.order_by(col(Delivery.id)).limit(limit))
    return [Letter(row.id, str(row.leader_id), row.omits.split()) for row in rows]


async def unsaid(tx: Tx, campaign_id: str, leader_ids: Collection[str] | None = None) -> list[str]:
    """The leaders, of these or of all, who were to hear of this campaign in a letter about several that was called
    off, and to whom no letter of it was written since."""
    about = or_(col(Delivery.campaign_id) == campaign_id, col(Delivery.also).contains(campaign_id, autoescape=True))
    nudges = columns(col(Delivery.leader_id), func.max(col(Delivery.created_at)).label("at")).where(
        about, col(Delivery.kind) == Kind.NUDGE, col(Delivery.leader_id).is_not(None)
    )
    if leader_ids is not None:
        nudges = nudges.where(among(col(Delivery.leader_id), sorted(leader_ids)))
    off = nudges.where(col(Delivery.state) == State.CANCELLED, col(Delivery.also).is_not(None))
    lost = {row.leader_id: row.at for row in await tx.table(off.group_by(col(Delivery.leader_id)))}
    if not lost:
        return []
    theirs = (among(col(Delivery.leader_id), sorted(lost)), col(Delivery.state) != State.CANCELLED)
    said = {row.leader_id: row.at for row in await tx.table(nudges.where(*theirs).group_by(col(Delivery.leader_id)))}
    return [leader for leader, at in lost.items() if leader not in said or said[leader] < at]


async def announced(tx: Tx, relay_ids: Sequence[str]) -> set[str]:
    """Those of these relays for which an account has, or had, a post."""
    posts = columns(col(Delivery.relay_id)).where(among(col(Delivery.relay_id), relay_ids), _POSTS)
    return {row.relay_id for row in await tx.table(posts)}
