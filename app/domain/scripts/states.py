"""The closed sets of the script library: what a variable may hold, and where a version came from."""

from enum import StrEnum


class Kind(StrEnum):
    """What a variable's value must look like."""

    TEXT = "text"  # any words, up to 1,000 characters
    NUMBER = "number"  # 12 or 12.5
    DATE = "date"  # 2026-03-06
    TIME = "time"  # 20:00
    URL = "url"  # http or https, with a host
    CHOICE = "choice"  # one of the declared choices


class Origin(StrEnum):
    """Where a version came from, the weakest first: files never push aside what a person wrote in the center."""

    LIBRARY = "library"  # the starter scripts that ship with Muster
    FOLDER = "folder"  # a folder of files the operator keeps
    CENTER = "center"  # written through the API

    def may_follow(self, latest: "Origin") -> bool:
        """Whether a version of this origin may come after one of that origin."""
        order = list(Origin)
        return order.index(self) >= order.index(latest)
