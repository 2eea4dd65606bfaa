"""What an answer does to a delivery: pure decisions on patience, resending and time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.core import ids
from app.core.http import DEADLINE_S
from app.domain.deliveries.states import STANDS_FOR, Kind, News

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
RESEND_AFTER = timedelta(seconds=5)
MOST_RESENDS = 6
LEASE = timedelta(seconds=25)
AHEAD = timedelta(milliseconds=100)
"""A delivery may be claimed so long before its time: the claim takes a few milliseconds, and the words wait for it."""
BEGIN_WITHIN = timedelta(seconds=1.5)
"""Words that have not begun to leave so long after their claim do not leave: a stop may have come meanwhile, and what
it holds back is quiet two seconds later, even if this worker was frozen."""
ANSWERED_WITHIN = timedelta(seconds=DEADLINE_S)
"""An answer is waited for so long, and no longer: it is there before the lease is over."""
SURE_FOR = timedelta(milliseconds=35)
"""So long after the beginning of a claim, or of a look at the gates, its words may leave without another look."""

BROADER = "broader:"
"""How the subject of a letter begins that is about more than its reader's own groups: it is worth reading, too, when
those are done."""


def noticed(of_id: str | None) -> bool:
    """Whether people notice: by what is said to them, not by what vanishes or changes in its place."""
    return of_id is None


class Claimed(NamedTuple):
    """A delivery that was taken: whom it goes to and under which fence. What a result must bring back to count."""

    id: str
    fence: int
    center_id: str
    campaign_id: str
    kind: str
    relay_id: str | None
    of_id: str | None
    group_id: str | None
    leader_id: str | None
    account_id: str
    chat: str
    text_id: str
    tries: int
    resends: int
    created_at: datetime
    expires_at: datetime
    lease_until: datetime
    begun_at: datetime | None
    part: int = 0
    following: str | None = None
    also: str | None = None

    @property
    def said_since(self) -> datetime:
        """When this claim, or the first of those left without an answer, was made; of what an older program took, its
        creation."""
        return self.begun_at or self.created_at

    @property
    def stands_for(self) -> str | None:
        """The relay whose state this delivery's outcome is, if any."""
        return self.relay_id if self.kind in STANDS_FOR else None

    @property
    def claimed_at(self) -> datetime:
        return self.lease_until - LEASE

    def speak_by(self, seen_at: datetime) -> datetime:
        """Until when its words may begin to leave where its gates stood open at this moment: a stop may come after it,
        and an answer must come before the lease is over."""
        return min(seen_at + BEGIN_WITHIN, self.expires_at, self.lease_until - ANSWERED_WITHIN)

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """The subjects whose gate, closed for good, is a stop for it: no campaign's for what takes words back, however
        it ended."""
        campaign = () if self.kind == Kind.RECALL else (self.campaign_id,)
        relay = (self.stands_for,) if self.stands_for else ()
        return (self.center_id, self.account_id, *campaign, *relay)

    @property
    def takes_back(self) -> bool:
        return self.kind == Kind.RECALL and self.of_id is not None

    @property
    def about_task(self) -> bool:
        """Whether it asks an owner by his platform, reminds him by it or takes that back: no letter of ours."""
        return self.kind == Kind.TASK or (self.of_id is not None and self.leader_id is not None)

    @property
    def pins(self) -> bool:
        return self.kind == Kind.PIN and self.of_id is not None

    @property
    def rewords(self) -> bool:
        return self.of_id is not None and not (self.takes_back or self.pins or self.about_task)

    @property
    def wakes(self) -> bool:
        return noticed(self.of_id)


@dataclass(frozen=True)
class Result:
    """What became of one claimed delivery. `due_at` is set where it goes back to wait."""

    delivery_id: str
    fence: int
    news: News
    reason: str = ""
    due_at: datetime | None = None
    message_id: str | None = None
    tried: bool = True
    """False where only waiting was learnt (a throttle): it costs no try."""
    lease: datetime | None = None
    """Where nobody knows whether the claim was committed: the lease it wrote. A claim that was rolled back gives its
    fence to the next one, its lease to none."""


def part_id(campaign_id: str, kind: str, subject: str, *, turn: int, part: int) -> str:
    """The one id of a later part."""
    return ids.derive("dlv", campaign_id, kind, subject, str(turn), f"part {part}")


def count_parts(part: int, following: str | None) -> int:
    """Into how many parts its text was cut."""
    return part + 1 + len((following or "").split())


def standing(part: int, following: str | None) -> str:
    """What stands in the group when this part does not: the end of a sentence, empty where nothing does."""
    if part == 0:
        return ""
    which = "part 1 of {} stands" if part == 1 else "parts 1 to {1} of {0} stand"
    return "; " + which.format(count_parts(part, following), part) + " in the group"


def after_not_sent(claimed: Claimed, reason: str, now: datetime) -> Result:
    """Provably not sent: another try after one, five and fifteen minutes, then the end."""
    if claimed.tries >= len(RETRY_AFTER):
        return Result(claimed.id, claimed.fence, News.REFUSED, f"given up after {claimed.tries + 1} tries: {reason}")
    return Result(claimed.id, claimed.fence, News.NOT_SENT, reason, now + RETRY_AFTER[claimed.tries])


def after_silence(claimed: Claimed, reason: str, now: datetime, *, keyed_s: float | None) -> Result:
    """The outcome is unknown. Where the platform knows our key, and still does, the same words are said again;
    everywhere else the delivery is uncertain and stays so until somebody proves or decides."""
    within = keyed_s is not None and now < claimed.said_since + timedelta(seconds=keyed_s)
    if within and claimed.resends < MOST_RESENDS:
        wait = RESEND_AFTER * 2**claimed.resends
        return Result(claimed.id, claimed.fence, News.SAY_AGAIN, reason, now + wait)
    return Result(claimed.id, claimed.fence, News.LINE_LOST, reason)


def waits(claimed: Claimed, reason: str, until: datetime) -> Result:
    """The platform or an operator said "not now": back to wait, at no cost."""
    return Result(claimed.id, claimed.fence, News.NOT_SENT, reason, until, tried=False)
