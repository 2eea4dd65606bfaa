"""Every SQL statement of the directory: the tree, the groups in it, the people who answer for them."""

from app.domain.directory.store.answers import answering
from app.domain.directory.store.groups import doors, move_address, targets
from app.domain.directory.store.health import Lost, lost, served_at, tell_health
from app.domain.directory.store.leaders import contacts, people
from app.domain.directory.store.selection import audience, unknown
from app.domain.directory.store.tree import branches, lock

__all__ = [
    "Lost",
    "answering",
    "audience",
    "branches",
    "contacts",
    "doors",
    "lock",
    "lost",
    "move_address",
    "people",
    "served_at",
    "targets",
    "tell_health",
    "unknown",
]
