"""Proofs of relays: whether a leader may show one as a picture, and what was shown for a group that is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.campaigns.rules import asks_proof
from app.domain.campaigns.states import Proof as Wanted
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Leader
from app.domain.links.rules import Opened
from app.domain.relays.rules import SHOWN
from app.domain.relays.states import Evidence
from app.domain.relays.tables import Confirmation, Holding, Relay


@dataclass(frozen=True)
class Proof:
    """What somebody showed with the word that settled a relay, or after it: `words`, a `picture` by its id, or both; of
    a code no more than that it was the `code` of the group."""

    at: datetime
    leader_id: str
    leader: str
    words: str
    code: bool
    picture: str | None


async def takes_picture(tx: Tx, opened: Opened, relay_id: str) -> bool | None:
    """Whether whoever opened this link may show a picture for this relay; None where it is not, and was not, his."""
    had = select(col(Holding.relay_id)).where(
        col(Holding.leader_id) == opened.leader_id,
        col(Holding.relay_id) == relay_id,
        col(Holding.withdrawn).is_(False),
    )
    his = select(col(Campaign.seed), col(Campaign.proof_percent), col(Campaign.proof)).where(
        col(Relay.id) == relay_id,
        col(Relay.campaign_id) == opened.campaign_id,
        col(Campaign.id) == col(Relay.campaign_id),
        (col(Relay.leader_id) == opened.leader_id) | col(Relay.id).in_(had),
    )
    rows = await tx.table(his)
    return rows[0].proof is Wanted.WORDS and asks_proof(rows[0].seed, relay_id, rows[0].proof_percent) if rows else None


def shown() -> Any:
    """The id of the picture that is the proof of a relay, the newest, as a column beside those of the relay."""
    picture = (
        select(col(Confirmation.picture_id))
        .where(col(Confirmation.relay_id) == col(Relay.id), col(Confirmation.picture_id).is_not(None))
        .order_by(col(Confirmation.at).desc(), col(Confirmation.id).desc())
        .limit(1)
        .correlate(Relay)
    )
    return case((col(Relay.evidence) == Evidence.PROOF, picture.scalar_subquery())).label("proof_picture")


async def proofs(tx: Tx, relay_id: str) -> list[Proof]:
    """What was shown for this relay, oldest first."""
    rows = await tx.table(
        select(
            col(Confirmation.at),
            col(Confirmation.leader_id),
            col(Leader.name).label("leader"),
            col(Confirmation.proof),
            col(Confirmation.picture_id).label("picture"),
            col(Campaign.proof).label("wanted"),
        )
        .join(Leader, col(Leader.id) == col(Confirmation.leader_id))
        .join(Relay, col(Relay.id) == col(Confirmation.relay_id))
        .join(Campaign, col(Campaign.id) == col(Relay.campaign_id))
        .where(
            col(Confirmation.relay_id) == relay_id,
            col(Confirmation.moved) | col(Confirmation.picture_id).is_not(None),
            (col(Confirmation.proof) != "") | col(Confirmation.picture_id).is_not(None),
        )
        .order_by(col(Confirmation.at), col(Confirmation.id))
    )
    return [_proof(row) for row in rows]


def _proof(row: Any) -> Proof:
    code = row.wanted is Wanted.CODE and row.proof == SHOWN
    return Proof(row.at, row.leader_id, row.leader, "" if code else row.proof, code, row.picture)
