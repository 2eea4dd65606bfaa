"""What becomes of the wish to take back what stands in one group."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    WANTED = "wanted"  # not begun: what it is about may still be under way, or in doubt
    BEGUN = "begun"  # an account takes it back
    ASKED = "asked"  # the leader who posted it was asked to delete it
    IMPOSSIBLE = "impossible"  # it stands, and nothing here can take it back
    DONE = "done"  # it does not stand any more, or never did


class News(StrEnum):
    BEGUN = "begun"
    ASKED = "asked"
    REFUSED = "refused"
    TAKEN_BACK = "taken back"
    WANTED_AGAIN = "wanted again"
    STANDS = "stands"  # it came to stand there after all: by somebody's own hand, late


MOVES = Moves(
    {
        (State.WANTED, News.BEGUN): State.BEGUN,
        (State.WANTED, News.ASKED): State.ASKED,
        (State.WANTED, News.REFUSED): State.IMPOSSIBLE,
        (State.BEGUN, News.REFUSED): State.IMPOSSIBLE,
        (State.WANTED, News.TAKEN_BACK): State.DONE,  # it turned out never to have stood there
        (State.BEGUN, News.TAKEN_BACK): State.DONE,
        (State.IMPOSSIBLE, News.TAKEN_BACK): State.DONE,  # a late answer, or a human who looked
        (State.IMPOSSIBLE, News.WANTED_AGAIN): State.WANTED,
        (State.IMPOSSIBLE, News.STANDS): State.WANTED,  # of a part that stood there before, nothing could be done
        (State.DONE, News.STANDS): State.WANTED,
    }
)
