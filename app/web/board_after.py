"""What an operator does about a campaign that went out: have what failed posted once more, or take it back. Each is
asked first, with the number of groups it touches and what becomes of each kind of them."""

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.campaigns import service as campaigns
from app.flows.recall import recall
from app.flows.retry import retry
from app.reports.afterwards import to_retry
from app.web.desk import Desk, Operates
from app.web.fields import Id
from app.web.prospects import Prospect, to_recall

router = APIRouter(prefix="/campaigns/{campaign_id}")


@router.get("/ask/retry")
async def ask_retry(desk: Operates, campaign_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
        groups = await to_retry(tx, campaign_id)
    minutes = round(campaign.relay_minutes)
    action = f"/campaigns/{campaign_id}/retry"
    return desk.ask("retry", action=action, title=campaign.title, groups=groups, minutes=minutes)


@router.post("/retry")
async def once_more(desk: Operates, campaign_id: Id) -> Response:
    """Never what stands or may stand."""
    count = await retry(desk.kit, desk.caller, campaign_id)
    return desk.go(f"/campaigns/{campaign_id}", said="retried" if count else "nothing_to_retry")


@router.get("/ask/recall")
async def ask_recall(desk: Operates, campaign_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        campaign = await campaigns.found(tx, desk.center_id, campaign_id)
        seen = await to_recall(desk, tx, campaign_id)
    groups = seen.able_groups + seen.unable_groups + seen.by_hand
    return desk.ask(
        "recall",
        action=f"/campaigns/{campaign_id}/recall",
        grave=True,
        lines=recall_lines(desk, seen),
        title=campaign.title,
        groups=groups,
    )


@router.post("/recall")
async def take_back(desk: Operates, campaign_id: Id) -> Response:
    """Everywhere, which cancels what is left of it."""
    await recall(desk.kit, desk.caller, campaign_id)
    return desk.go(f"/campaigns/{campaign_id}", said="recalled")


def recall_lines(desk: Desk, seen: Prospect) -> list[str]:
    """What becomes of each kind of group."""
    say = desk.reader.say
    lines = [say("recall_able", platform=name, count=count) for name, count in seen.able]
    lines += [say("recall_unable", platform=name, count=count) for name, count in seen.unable]
    kinds = {"recall_by_hand": seen.by_hand, "recall_unsure": seen.unsure, "recall_waiting": seen.waiting}
    lines += [say(key, count=count) for key, count in kinds.items() if count]
    return lines
