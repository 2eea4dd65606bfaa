"""How long a text may be, and into which posts it goes."""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.parts import parts


@dataclass(frozen=True)
class Size:
    """The longest text an account may send, and how its channel measures what it makes of one."""

    most: int
    unit: str
    measure: Callable[[str], int]
    calls_everyone: bool = False
    """Whether it can call everyone in a group."""
    pins: bool = False
    """Whether it can keep a message on top."""
    beside_picture: int | None = None
    """How much of a text goes into a post with a picture: 0 where a picture stands alone, None where none is taken."""

    @property
    def takes_picture(self) -> bool:
        return self.beside_picture is not None

    def fits(self, text: str) -> bool:
        return self.measure(text) <= self.most


def posts(text: str, size: Size, *, most: int, pictured: bool = False) -> tuple[int, list[str]]:
    """How long the text is, and what is posted of it: nothing, where it does not go into so many posts. A part that
    would show nothing is left out. With a picture, whatever is too long to stand beside it comes after it."""
    measured = size.measure(text)
    whole = measured <= size.most
    found = [text] if whole else [part for part in parts(text, size.fits, most=most) if part.strip()]
    if pictured and found and size.beside_picture is not None and size.measure(found[0]) > size.beside_picture:
        found = ["", *found]
    return measured, found
