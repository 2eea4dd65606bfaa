"""How far a campaign is, as a bar: one piece for each state, as wide as its share."""

from collections.abc import Mapping
from dataclasses import dataclass

# From what stands to what is lost; the order in which a bar is read.
ORDER = (
    "relayed",
    "posting",
    "acknowledged",
    "assigned",
    "planned",
    "uncertain",
    "missed",
    "failed",
    "skipped",
    "cancelled",
)


@dataclass(frozen=True)
class Piece:
    """One state's part of a bar that is 100 wide."""

    state: str
    count: int
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    """`done` of `total` groups have it, which is `percent`, rounded down: 100 means all."""

    pieces: tuple[Piece, ...]
    done: int
    total: int

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0


def bar(counts: Mapping[str, int]) -> Bar:
    """The bar of these counts; what was skipped or called off never was to be done."""
    total = sum(counts.values())
    pieces, x = [], 0.0
    for state in ORDER:
        number = counts.get(state, 0)
        if number:
            width = number * 100 / total
            pieces.append(Piece(state, number, round(x, 3), round(width, 3)))
            x += width
    asked = total - counts.get("skipped", 0) - counts.get("cancelled", 0)
    return Bar(tuple(pieces), counts.get("relayed", 0), asked)
