"""Whom a campaign is for: what the form offers to choose from, and whom its choice means at this moment."""

from typing import Any

from app.core.db import Tx
from app.core.errors import NotFound
from app.domain.campaigns.rules import Audience
from app.domain.directory.rules.sieve import Sieve
from app.domain.directory.service import audiences, groups
from app.domain.directory.states import GroupStatus
from app.reports.choices import branch_choices, by_platform, named_groups, tag_choices
from app.web.new_slip import Slip

FOUND = 20
MOST_SAVED = 100


async def meant(tx: Tx, center_id: str, slip: Slip) -> Audience:
    """The lists of the form, or of the saved audience it names."""
    if not slip.saved:
        return slip.audience()
    try:
        kept = await audiences.one(tx, center_id, slip.saved[:64])
    except NotFound:
        return slip.audience()
    return Audience(**kept.lists)


async def offered(tx: Tx, center_id: str, slip: Slip) -> dict[str, Any]:
    """Branches, tags, saved audiences; and of the groups those that were picked, and those that were looked for."""
    picked = await named_groups(tx, center_id, [*slip.groups, *slip.exclude])
    words = "".join(letter for letter in slip.find if letter.isprintable()).strip()[:100]
    found = []
    if words:
        sieve = Sieve(q=words, status=GroupStatus.ACTIVE)
        page = await groups.listed(tx, center_id, sieve, limit=FOUND, cursor=None)
        known = {each.id for each in picked}
        found = [each for each in page.items if each.id not in known]
    return {
        "branches": await branch_choices(tx, center_id),
        "tags": await tag_choices(tx, center_id),
        "kept": (await audiences.listed(tx, center_id, limit=MOST_SAVED, cursor=None)).items,
        "picks": [*picked, *found],
        "no_groups": not await by_platform(tx, center_id, Audience()),
    }
