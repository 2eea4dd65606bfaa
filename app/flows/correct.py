"""Correct: new words about what went out, as a campaign of their own. What went out is never rewritten here: the first
campaign keeps its ledger, and what of it has not left is called off."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.db import Tx
from app.core.errors import Conflict
from app.domain.access.rules import Caller
from app.domain.campaigns import service
from app.domain.campaigns.rules import Audience, Draft
from app.domain.campaigns.states import Mode, State
from app.flows.brief import Campaign
from app.flows.concerned import concerned, nothing_to_correct, uncorrected
from app.flows.draft import draft
from app.flows.kit import Kit
from app.flows.launch import launch


@dataclass(frozen=True)
class Words:
    """What is to stand instead. What is None is as in the first campaign."""

    mode: Mode
    title: str | None
    texts: Mapping[str, str]
    variables: Mapping[str, str]
    script_slug: str | None
    script_version: int | None
    relay_minutes: float | None


async def correct(
    kit: Kit, caller: Caller, campaign_id: str, words: Words, *, key: str, fingerprint: str
) -> service.Made:
    """Draft a correction once for this key, and launch it, where it can be: for every group the first campaign was for
    and where it was not called off or taken back. Raises NotFound, Invalid, Conflict."""
    async with kit.db.read() as tx:
        first = await service.found(tx, caller.center_id, campaign_id)
        made = await service.replay(tx, caller.center_id, key, fingerprint=fingerprint)
        wanted = None if made else await _draft(tx, first, words)
    if wanted is not None:
        made = await draft(kit, caller, wanted, key=key, fingerprint=fingerprint)
    assert made is not None
    if made.campaign.state is State.DRAFT:
        try:
            await launch(kit, caller, made.campaign.id)
        except Conflict as error:
            if error.code != "wrong_state":  # the same request, sent twice, has launched it already
                raise
    return made


async def _draft(tx: Tx, first: Campaign, words: Words) -> Draft:
    if first.starts_at is None or first.starts_at > tx.now:
        raise Conflict("wrong_state", f"Nothing of a campaign that is {first.state.value} has been posted; cancel it.")
    await uncorrected(tx, first.id)
    groups = sorted(await concerned(tx, first))
    if not groups:
        raise nothing_to_correct()
    return Draft(
        title=words.title or f"更正 / Correction: {first.title}",
        texts=words.texts,
        variables=words.variables,
        script_slug=words.script_slug,
        script_version=words.script_version,
        audience=Audience(groups=groups),
        route=first.route,
        priority=first.priority,
        send_at=None,
        window_minutes=0,
        relay_minutes=words.relay_minutes or first.relay_minutes,
        min_gap_s=first.min_gap_s,
        max_gap_s=first.max_gap_s,
        escalation=first.escalation,
        drill=first.drill,
        needs_approval=first.needs_approval,
        corrects_id=first.id,
        mode=words.mode,
        split=first.split,
        format=None if words.script_slug else first.format,
    )
