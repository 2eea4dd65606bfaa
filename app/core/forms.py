"""How slugs, numbers, dates, times and web addresses are written, so that every reader and program takes them alike."""

import re
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints
from pydantic_core import ErrorDetails

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_NOT_IN_URL = re.compile(r'[\s<>"\\]')


def written(pattern: str, sentence: str) -> AfterValidator:
    """A check that the whole string matches; the sentence is what the person reads when it does not."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


def complaint(error: ErrorDetails) -> str:
    """What pydantic found wrong, as a sentence that names the field."""
    field = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str) and part != "[key]"), "")
    if error["type"] == "missing":
        return f"`{field}` is missing."
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return f"`{field}` is not a known field."
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    return f"`{field}`: {error['msg']}."


Slug = Annotated[
    str,
    StringConstraints(max_length=64),
    written(
        "[a-z0-9]+(-[a-z0-9]+)*", "A slug is small letters and digits in words joined by dashes, such as week-end."
    ),
]


def is_number(value: str) -> bool:
    """Whether this is a plain decimal number: `12`, `-3`, `12.5`."""
    return _NUMBER.fullmatch(value) is not None


def is_date(value: str) -> bool:
    """Whether this is a day of the calendar as `2026-03-06`."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_time(value: str) -> bool:
    """Whether this is a time of day as `20:00`."""
    return _TIME.fullmatch(value) is not None


def is_url(value: str) -> bool:
    """Whether this is one http or https address with a host and without a user name."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    plain = value.isprintable() and not _NOT_IN_URL.search(value)
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
