"""What was sent, in the shape it must have."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, ValidationError

from app.core.errors import FieldError, Invalid

Shape = TypeVar("Shape", bound=BaseModel)

Id = Annotated[str, Field(max_length=64, pattern=r"^[a-z]{2,4}_[0-9a-z]{1,48}$")]


def shaped(shape: type[Shape], fields: object) -> Shape:
    """These fields as that shape. Raises Invalid with a pointer to each that does not fit."""
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        found = [FieldError("/" + "/".join(map(str, each["loc"])), each["msg"]) for each in error.errors()[:20]]
        raise Invalid("invalid", f"{found[0].pointer}: {found[0].message}", errors=found) from error
