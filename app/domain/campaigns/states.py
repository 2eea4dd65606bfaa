"""The operator's control over a campaign. Whether it is finished is never stored: it is read from the ledger."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    DRAFT = "draft"  # may be read and thrown away; nothing is planned
    PENDING_APPROVAL = "pending_approval"  # waits for a second person
    SCHEDULED = "scheduled"  # frozen; its hour has not come
    RUNNING = "running"
    PAUSED = "paused"  # nothing leaves; leaders may still confirm
    CANCELLED = "cancelled"


class News(StrEnum):
    LAUNCHED = "launched"
    SCHEDULED = "scheduled"
    STARTED = "started"  # the hour of a scheduled campaign has come
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    SUBMITTED = "submitted"  # launched by one person, where a second one has to agree
    REJECTED = "rejected"


class Priority(StrEnum):
    INCIDENT = "incident"
    NORMAL = "normal"
    BULK = "bulk"

    @property
    def rank(self) -> int:
        """Lower goes first."""
        return list(Priority).index(self)


class RouteChoice(StrEnum):
    AUTO = "auto"  # each group's own order of routes
    BOT = "bot"
    LEADER = "leader"


class Cascade(StrEnum):
    """In which order the tree hears of it."""

    AT_ONCE = "at_once"  # everybody at once
    TIER_BY_TIER = "tier_by_tier"  # whoever leads a branch first, and those beneath him after his word or his time


class Mode(StrEnum):
    """How a correction gets to where the old words stand."""

    AUTO = "auto"  # in their place where the platform can, else after them
    EDIT = "edit"  # only in their place
    FOLLOW_UP = "follow_up"  # only after them


class Proof(StrEnum):
    """What a leader shows where a proof is asked for."""

    WORDS = "words"  # a link to the message, or words that stand beside it
    CODE = "code"  # the short code under the text, as he reads it in the group


MOVES = Moves(
    {
        (State.DRAFT, News.LAUNCHED): State.RUNNING,
        (State.DRAFT, News.SCHEDULED): State.SCHEDULED,
        (State.DRAFT, News.SUBMITTED): State.PENDING_APPROVAL,
        (State.PENDING_APPROVAL, News.LAUNCHED): State.RUNNING,
        (State.PENDING_APPROVAL, News.SCHEDULED): State.SCHEDULED,
        (State.PENDING_APPROVAL, News.REJECTED): State.DRAFT,
        (State.SCHEDULED, News.STARTED): State.RUNNING,
        (State.SCHEDULED, News.PAUSED): State.PAUSED,
        (State.RUNNING, News.PAUSED): State.PAUSED,
        (State.PAUSED, News.RESUMED): State.RUNNING,
        (State.DRAFT, News.CANCELLED): State.CANCELLED,
        (State.PENDING_APPROVAL, News.CANCELLED): State.CANCELLED,
        (State.SCHEDULED, News.CANCELLED): State.CANCELLED,
        (State.RUNNING, News.CANCELLED): State.CANCELLED,
        (State.PAUSED, News.CANCELLED): State.CANCELLED,
    }
)

RESTING = (State.SCHEDULED, State.PAUSED)
"""What is launched and goes on later: nothing in it is decided for good before."""
