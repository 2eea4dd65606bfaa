"""The main group: one post with one link for all leaders of a campaign, where the head operates."""

from datetime import datetime

from app.core import ids
from app.core.db import Tx
from app.domain.access import service as access
from app.domain.accounts import store as accounts
from app.domain.accounts.states import Status
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Priority
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.flows.announce import Way, announcement
from app.flows.brief import Campaign
from app.flows.lanes import open_lanes, text_id
from app.flows.letters import Letter, compose


async def tell_main_group(tx: Tx, campaign: Campaign) -> bool:
    """Post the campaign's task into the main group, once; answers whether the center has one an account posts to."""
    places = await directory.headquarters(tx, campaign.center_id)
    groups = await directory.targets(tx, [places.main_group_id]) if places.main_group_id else []
    usable = await accounts.get(tx, [group.account_id for group in groups if group.account_id])
    if not groups or not usable or usable[0].status is Status.OFF:
        return False
    [group], center = groups, await access.center(tx, campaign.center_id)
    held = await relays.leaders_of(tx, campaign.id)
    zone = group.timezone or center.timezone
    body = compose(
        Letter(
            kind="main_group",
            leader="",
            title=campaign.title,
            groups=[],
            count=sum(row.groups for row in held),
            deadline=campaign.ends_at or tx.now,
            zone=zone,
            language=group.language or center.language,
        )
    )
    words = {"id": text_id(campaign.id, body), "campaign_id": campaign.id, "body": body}
    await campaigns.keep_texts(tx, [words])
    await open_lanes(tx, campaign, [str(group.account_id)])
    door = Way(group.id, group.platform, group.address_key, group.account_id)
    row = announcement(
        tx,
        campaign,
        door,
        relay_id="",
        text_ids=[words["id"]],
        due_at=_due(tx.now, campaign, zone),
        expires_at=campaign.ends_at or tx.now,
    )
    named = ids.derive("dlv", campaign.id, "main group")
    await deliveries.create(tx, [{**row, "id": named, "kind": Kind.HAND_OFF, "subject": named, "relay_id": None}])
    return True


def _due(now: datetime, campaign: Campaign, zone: str | None) -> datetime:
    keeps_quiet = campaign.priority is not Priority.INCIDENT
    return after_quiet(now, zone) if zone and keeps_quiet else now
