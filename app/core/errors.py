"""What can be wrong with a request, as one small tree; `api.problems` turns it into problem documents.

AppError
├── Invalid       422  a value cannot be what it is; names the field
├── NotFound      404  no such thing in this center
├── Conflict      409  the thing exists, but not in a state that allows this
├── Gone          410  it was there and is over
├── Forbidden     403  the key may not do this
├── Unauthorized  401  no key, or none that is known
└── Unavailable   503  the database does not answer
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One field and what is wrong with it. `pointer` is a JSON pointer into the body, e.g. `/audience/branches/0`."""

    pointer: str
    message: str


class AppError(Exception):
    """A sentence for the person who asked, with a stable code for the program that did."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, sentence: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.errors = tuple(errors)


class Invalid(AppError):
    status = 422

    @classmethod
    def field(cls, pointer: str, message: str, *, code: str = "invalid") -> "Invalid":
        return cls(code, message, errors=[FieldError(pointer, message)])


class NotFound(AppError):
    status = 404


class Conflict(AppError):
    status = 409


class Gone(AppError):
    status = 410


class Forbidden(AppError):
    status = 403


class Unauthorized(AppError):
    status = 401


class Unavailable(AppError):
    status = 503
