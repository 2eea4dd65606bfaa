"""Concerned: which campaign can be corrected, and in which of its groups its correction has something to say."""

from collections.abc import Mapping

from app.core.db import Tx
from app.core.errors import Conflict
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
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
    """The launched campaign that corrects this one."""
    last = await campaigns.last_correction(tx, campaign_id)
    return str(last.id) if last else None


async def uncorrected(tx: Tx, campaign_id: str) -> None:
    """Raises Conflict where another campaign corrects this one already."""
    other = await corrected_by(tx, campaign_id)
    if other is not None:
        raise Conflict("already_corrected", f"This campaign is corrected by {other}; correct that one.")


async def concerned(tx: Tx, first: Campaign) -> set[str]:
    """The groups that a correction of this campaign is for: all that it was launched for, planned or not yet, but for
    those where it was called off, excused or taken back."""
    if first.state is Control.CANCELLED:  # then what it had not reached was called off
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
