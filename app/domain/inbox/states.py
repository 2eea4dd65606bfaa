"""What a platform told us by itself."""

from enum import StrEnum


class Matter(StrEnum):
    GONE = "gone"  # the account is not in this chat any more, or the chat does not stand any more
    BACK = "back"  # the account is in this chat
    MOVED = "moved"  # this chat has a new address
    SAID = "said"  # a person wrote something
    DELIVERED = "delivered"  # a post of ours stands in its chat
    FAILED = "failed"  # a post of ours does not stand in its chat
    READ = "read"  # somebody read a post of ours
