"""Every SQL statement of the directory: the tree, the groups in it, the people who answer for them."""

from app.domain.directory.store.absences import begun, relieved, unavailable
from app.domain.directory.store.answers import Line, answering, lines
from app.domain.directory.store.groups import doors, move_address, targets
from app.domain.directory.store.leaders import people
from app.domain.directory.store.places import headquarters
from app.domain.directory.store.selection import audience, unknown
from app.domain.directory.store.tree import branches, lock

__all__ = [
    "Line",
    "answering",
    "audience",
    "begun",
    "branches",
    "doors",
    "headquarters",
    "lines",
    "lock",
    "move_address",
    "people",
    "relieved",
    "targets",
    "unavailable",
    "unknown",
]
