"""Every SQL statement of the directory: the tree, the groups in it, the people who answer for them."""

from app.domain.directory.store.absences import ANY_BEGUN, begun, relieved, unavailable
from app.domain.directory.store.answers import Line, answering, answering_in, branch_people, branches_led, lines
from app.domain.directory.store.groups import doors, move_address, targets
from app.domain.directory.store.health import Lost, lost, served_at, tell_health
from app.domain.directory.store.leaders import contacts, names, people
from app.domain.directory.store.places import ANY_HEAD, headquarters, heads, told
from app.domain.directory.store.selection import audience, resting, unknown, with_resting
from app.domain.directory.store.tree import branches, lock, parents, paths

__all__ = [
    "ANY_BEGUN",
    "ANY_HEAD",
    "Line",
    "Lost",
    "answering",
    "answering_in",
    "audience",
    "begun",
    "branch_people",
    "branches",
    "branches_led",
    "contacts",
    "doors",
    "headquarters",
    "heads",
    "lines",
    "lock",
    "lost",
    "move_address",
    "names",
    "parents",
    "paths",
    "people",
    "relieved",
    "resting",
    "served_at",
    "targets",
    "tell_health",
    "told",
    "unavailable",
    "unknown",
    "with_resting",
]
