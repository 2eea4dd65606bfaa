"""Whether a group takes part, and whether its account is still in it."""

from enum import StrEnum


class GroupStatus(StrEnum):
    ACTIVE = "active"
    DORMANT = "dormant"  # kept, not posted to
    ARCHIVED = "archived"  # gone; kept for its history


class Health(StrEnum):
    """What the platform told us of a group by itself."""

    SOUND = "sound"  # nothing to the contrary was heard
    GONE = "gone"  # the account was removed from it, or it does not stand any more
