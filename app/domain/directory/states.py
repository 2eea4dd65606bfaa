"""Whether a group takes part, whether its account is still in it, and what becomes of one that its sheet forgets."""

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


class Health(StrEnum):
    """What the platform told us of a group, by itself or in its answer to a post."""

    SOUND = "sound"  # nothing to the contrary was heard
    GONE = "gone"  # the account was removed from it, or it does not stand any more
    CLOSED = "closed"  # its address is no more, and is not called again until it is given anew
