"""How a bug is planted."""

from collections.abc import Callable
from typing import Any


def swap(place: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put something else where this stood. Raises AttributeError when nothing stands there any more."""
    setattr(place, name, make(getattr(place, name)))
