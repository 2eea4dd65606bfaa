"""One regional leader's turn in a campaign that goes down the tree tier by tier."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    WAITING = "waiting"  # the tier above has not opened, or the campaign's hour has not come
    TOLD = "told"  # he was told what will go out in his branch; those beneath him wait for his word
    READ = "read"  # he says that he has read it
    PASSED = "passed"  # it goes on without his word, for the stated reason


class News(StrEnum):
    TOLD = "told"
    READ = "read"
    TIME_UP = "time up"
    REPLACED = "replaced"  # another answers for the branch now, and is told in his place
    VACANT = "vacant"  # nobody who is there answers for the branch, or no group is left in it


MOVES = Moves(
    {
        (State.WAITING, News.TOLD): State.TOLD,
        (State.TOLD, News.READ): State.READ,
        (State.PASSED, News.READ): State.READ,  # late: those beneath him were asked already
        (State.TOLD, News.TIME_UP): State.PASSED,
        (State.WAITING, News.REPLACED): State.WAITING,
        (State.TOLD, News.REPLACED): State.WAITING,
        (State.WAITING, News.VACANT): State.PASSED,
        (State.TOLD, News.VACANT): State.PASSED,
    }
)

CLOSED = (State.WAITING, State.TOLD)
"""Those beneath are not asked yet."""
