"""Whether a group takes part, and what becomes of one that its sheet forgets."""

from enum import StrEnum


class GroupStatus(StrEnum):
    ACTIVE = "active"
    DORMANT = "dormant"  # kept, not posted to
    ARCHIVED = "archived"  # gone; kept for its history


class Vanished(StrEnum):
    """What an import does with the groups its sheet does not name any more. Nothing is ever deleted."""

    KEEP = "keep"
    DORMANT = "dormant"
    ARCHIVE = "archive"
