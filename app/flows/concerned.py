"""Concerned: which campaign can be corrected, and in which of its groups its correction has something to say."""

from collections.abc import Mapping
from typing import Any

from app.core.db import Tx
from app.core.errors import Conflict
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import MOVES, News, State
from app.flows.brief import Campaign

CALLED_OFF = "it was called off, excused or taken back before the correction was launched"
TAKEN_BACK = "the words that it corrects are taken back there"
UNCONCERNED = (State.SKIPPED, State.CANCELLED)
REACHED = [state for state in State if state not in {*UNCONCERNED, *MOVES.before(News.CALLED_OFF)}]


async def corrected_by(tx: Tx, campaign_id: str) -> str | None:
    """The launched campaign that corrects this one. One that was given up, cancelled before anything of it came to
    stand or still could, corrects nothing."""
    last = await campaigns.last_correction(tx, campaign_id)
    return None if last is None or await _given_up(tx, last) else str(last.id)


async def uncorrected(tx: Tx, campaign_id: str) -> None:
    """Raises Conflict where another campaign corrects this one already, and names the one that can be corrected."""
    last, after = campaign_id, await corrected_by(tx, campaign_id)
    while after is not None:
        last, after = after, await corrected_by(tx, after)
    if last != campaign_id:
        raise Conflict("already_corrected", f"This campaign is corrected by {last}; correct that one.")


async def concerned(tx: Tx, first: Campaign) -> set[str]:
    """The groups that a correction of this campaign is for: all that it was launched for, planned or not yet, but for
    those where it was called off, excused or taken back. A correction that was given up leaves those it was for."""
    last = await campaigns.last_correction(tx, first.id)
    heir = await campaigns.look(tx, last.id) if last else None
    if heir is not None:
        found = await campaigns.addressed(tx, heir.id) - set(heir.audience["exclude"])
    elif first.state is Control.CANCELLED:  # then what it had not reached was called off
        found = set((await relays.groups_in(tx, first.id, REACHED)).values())
    else:
        found = await campaigns.addressed(tx, first.id)
        found -= set((await relays.groups_in(tx, first.id, UNCONCERNED)).values())
    back = await recalls.going(tx, first.id)
    return found - {relay.group_id for relay in await relays.get(tx, sorted(back))}


def nothing_to_correct() -> Conflict:
    return Conflict("nothing_to_correct", "This campaign stands nowhere, and waits nowhere.")


async def spared(tx: Tx, correction: Campaign, firsts: Mapping[str, str]) -> dict[str, str]:
    """Why nothing is said in those of these groups where that was decided since the correction was drafted; `firsts`
    has, by group, the first campaign's relay."""
    back = await recalls.going(tx, str(correction.corrects_id), relay_ids=list(firsts.values()))
    resting = await directory.resting(tx, list(firsts))
    return {
        **{group: f"the group is {status.value}, and nobody posts there" for group, status in resting.items()},
        **{group: TAKEN_BACK for group, relay in firsts.items() if relay in back},
        **dict.fromkeys(firsts.keys() & correction.audience["exclude"], CALLED_OFF),
    }


async def _given_up(tx: Tx, correction: Any) -> bool:
    if correction.state is not Control.CANCELLED or correction.cleared_at is None:
        return False
    stands = await relays.any_may_stand(tx, correction.id) or await deliveries.begun(tx, correction.id, groups=None)
    return not stands
