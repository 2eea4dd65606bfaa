"""An alarm that rings where too few groups have a campaign at a certain time."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    WAITING = "waiting"  # its time has not come
    REACHED = "reached"  # at its time enough groups had it
    MISSED = "missed"  # at its time too few groups had it


class News(StrEnum):
    ENOUGH = "enough"
    TOO_FEW = "too few"


MOVES = Moves(
    {
        (State.WAITING, News.ENOUGH): State.REACHED,
        (State.WAITING, News.TOO_FEW): State.MISSED,
    }
)
