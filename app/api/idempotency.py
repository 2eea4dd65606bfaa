"""The `Idempotency-Key` header: a name for one very request that creates something."""

from app.core.errors import AppError, Invalid


def key_of(given: str | None) -> str:
    """Raises KeyMissing, and Invalid for what is no such name."""
    if given is None:
        raise KeyMissing("idempotency_key_missing", "Send an Idempotency-Key header: a name for this very request.")
    if not 1 <= len(given) <= 255 or not all("!" <= letter <= "~" for letter in given):
        raise Invalid.field("/headers/Idempotency-Key", "Use 1 to 255 visible ASCII characters.", code="bad_key")
    return given


class KeyMissing(AppError):
    status = 400
