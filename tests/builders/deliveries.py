"""Deliveries in a database, without the plan that usually makes them."""

from datetime import datetime, timedelta
from typing import Any

from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import Priority, RouteChoice, State
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.deliveries import store
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState


async def stage(tx: Tx, *, center: str = "cen_1", account: str = "acc_1", campaign: str = "cmp_1") -> None:
    """A center, an account and a running campaign with one text."""
    await tx.add(Center(id=center, name="main", created_at=tx.now))
    await tx.add(
        Account(
            id=account,
            center_id=center,
            name="bot",
            name_key="bot",
            platform="telegram",
            channel="telegram",
            status=Status.ACTIVE,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    await tx.add(
        Campaign(
            id=campaign,
            center_id=center,
            title="Storm",
            state=State.RUNNING,
            texts={"": "hello"},
            variables={},
            audience={},
            route=RouteChoice.AUTO,
            priority=Priority.NORMAL,
            relay_minutes=60,
            min_gap_s=0,
            max_gap_s=0,
            escalation=[],
            seed="sd",
            created_at=tx.now,
            created_by="test",
            starts_at=tx.now,
        )
    )
    await tx.add(CampaignText(id="txt_1", campaign_id=campaign, body="hello"))
    lane = {"account_id": account, "campaign_id": campaign, "center_id": center, "shard": 0, "rank": 1}
    await store.open_lanes(tx, [{**lane, "min_gap_s": 0.0, "max_gap_s": 0.0, "seed": "sd"}])


def delivery(number: int, now: datetime, **values: Any) -> dict[str, Any]:
    """One due announcement."""
    return {
        "id": f"dlv_{number:05}",
        "center_id": "cen_1",
        "campaign_id": "cmp_1",
        "kind": Kind.ANNOUNCEMENT,
        "subject": f"grp_{number}",
        "turn": 0,
        "part": 0,
        "account_id": "acc_1",
        "chat": f"telegram:{number}",
        "text_id": "txt_1",
        "state": DeliveryState.DUE,
        "reason": "",
        "due_at": now,
        "expires_at": now + timedelta(hours=1),
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": now,
        **values,
    }
