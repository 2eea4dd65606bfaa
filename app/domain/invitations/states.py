"""An invitation to answer for a group: asked once, answered once. That it expired is read off its date."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    OPEN = "open"  # the link is out; nobody answered yet
    ACCEPTED = "accepted"  # the person answers for the group now
    DECLINED = "declined"  # the person would rather not, for the stated reason
    WITHDRAWN = "withdrawn"  # the center took it back


class News(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


MOVES = Moves(
    {
        (State.OPEN, News.ACCEPTED): State.ACCEPTED,
        (State.OPEN, News.DECLINED): State.DECLINED,
        (State.OPEN, News.WITHDRAWN): State.WITHDRAWN,
    }
)
