"""The life of a task: the owner of some groups was asked, by his platform, to send a text into them himself."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    ASKING = "asking"  # its delivery waits, or is on its way
    OPEN = "open"  # he was asked; the platform is asked now and then what he did
    UNKNOWN = "unknown"  # nobody knows whether he was asked; it is looked for in the platform's own list
    WITHDRAWING = "withdrawing"  # it is to be taken from him
    KEPT = "kept"  # it could not be taken from him: he may still send it
    WITHDRAWN = "withdrawn"  # it was taken from him; one more look tells what he had sent before
    ENDED = "ended"  # nothing more is to be learnt


class News(StrEnum):
    GIVEN = "given"
    REFUSED = "refused"
    LINE_LOST = "line lost"
    ASKED_AGAIN = "asked again"  # a human says that he never was
    UNWANTED = "unwanted"
    TAKEN_BACK = "taken back"
    STAYS = "stays"
    OVER = "over"


MOVES = Moves(
    {
        (State.ASKING, News.GIVEN): State.OPEN,
        (State.ASKING, News.REFUSED): State.ENDED,
        (State.ASKING, News.LINE_LOST): State.UNKNOWN,
        (State.UNKNOWN, News.GIVEN): State.OPEN,  # it was found, or a human says so
        (State.UNKNOWN, News.ASKED_AGAIN): State.ASKING,
        (State.UNKNOWN, News.OVER): State.ENDED,
        (State.OPEN, News.UNWANTED): State.WITHDRAWING,
        (State.OPEN, News.OVER): State.ENDED,
        (State.WITHDRAWING, News.TAKEN_BACK): State.WITHDRAWN,
        (State.WITHDRAWING, News.STAYS): State.KEPT,
        (State.KEPT, News.OVER): State.ENDED,
        (State.WITHDRAWN, News.OVER): State.ENDED,
    }
)

LOOKED_AT = (State.OPEN, State.UNKNOWN, State.WITHDRAWING, State.KEPT, State.WITHDRAWN)
"""What the platform is asked about."""
SENDABLE = (State.OPEN, State.KEPT)
"""What the owner can still send, as far as anybody knows."""
