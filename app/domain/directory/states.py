"""Whether a group takes part."""

from enum import StrEnum


class GroupStatus(StrEnum):
    ACTIVE = "active"
    DORMANT = "dormant"  # kept, not posted to
    ARCHIVED = "archived"  # gone; kept for its history
