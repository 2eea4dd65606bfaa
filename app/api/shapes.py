"""What every wire shape shares: unknown fields are refused, numbers are numbers, text is text that can be sent."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.core.paging import MAX_LIMIT, Page
from app.core.text import Line

T = TypeVar("T")


class Body(BaseModel):
    """Something a client sends."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Shape(BaseModel):
    """Something we answer, read off a row or a report."""

    model_config = ConfigDict(from_attributes=True)


class Listing(Shape, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = None


Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Flag = Annotated[bool, Field(strict=True)]
Seconds = Annotated[float, Field(ge=0, le=86_400, strict=True)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z]{2,4}_[0-9a-z]{1,48}$")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[Line | None, Field(max_length=400)]


def listing(shape: type[Shape], page: Page[Any]) -> dict[str, object]:
    """A page of rows as the wire's list."""
    return {"items": [shape.model_validate(item) for item in page.items], "next_cursor": page.next_cursor}
