"""The kinds of picture there are: those that every platform which takes pictures takes."""

from enum import StrEnum


class Kind(StrEnum):
    PNG = "png"
    JPEG = "jpeg"

    @property
    def media_type(self) -> str:
        return f"image/{self.value}"

    @property
    def filename(self) -> str:
        """A name that says nothing of whoever kept it."""
        return "picture.jpg" if self is Kind.JPEG else f"picture.{self.value}"
