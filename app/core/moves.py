"""A table of moves: which news may change which state into which, read by everyone who writes a state."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Moves(Generic[S, E]):
    """`{(state, news): next state}`. One kind of news always ends in one state, so that a single conditional
    UPDATE (`SET state = after(news) WHERE state IN before(news)`) makes the move for any number of rows."""

    def __init__(self, table: Mapping[tuple[S, E], S]) -> None:
        self.table = dict(table)
        ends: dict[E, S] = {}
        for (_, news), end in self.table.items():
            if ends.setdefault(news, end) != end:
                raise ValueError(f"{news} leads to two states")
        self._ends = ends
        self._starts = {news: tuple(state for (state, told) in self.table if told == news) for news in ends}

    def before(self, news: E) -> tuple[S, ...]:
        """The states this news may change."""
        return self._starts.get(news, ())

    def after(self, news: E) -> S:
        """The state this news leads to."""
        return self._ends[news]

    def allowed(self, state: S, news: E) -> bool:
        return (state, news) in self.table
