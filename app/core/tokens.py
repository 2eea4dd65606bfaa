"""Bearer tokens: `<kind>_<public id>_<secret>`; the database keeps the public id and a SHA-256 of the whole.

The secret is 43 characters of base 62, that is 256 bits; a hash of that much chance needs no slow hashing.
Only letters and digits: chat programs must not cut a link at a `-` or turn `_` into italics.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

_LETTERS = string.ascii_letters + string.digits
_SHAPE = re.compile(r"^([a-z]{2})_([a-zA-Z0-9]{12})_([a-zA-Z0-9]{43})$", re.ASCII)

_HEAD = re.compile(r"(([a-z]{2})_[a-zA-Z0-9]{12}_[a-zA-Z0-9]{43})(?![a-zA-Z0-9])", re.ASCII)


@dataclass(frozen=True)
class Token:
    """A freshly minted token: `text` is shown once, `public_id` and `digest` are stored."""

    text: str
    public_id: str
    digest: str


def mint(kind: str) -> Token:
    """A new token of a two-letter kind: `mk` for API keys, `rl` for relay links."""
    public_id = "".join(secrets.choice(_LETTERS) for _ in range(12))
    text = f"{kind}_{public_id}_{''.join(secrets.choice(_LETTERS) for _ in range(43))}"
    return Token(text, public_id, digest(text))


def public_id(kind: str, text: str) -> str | None:
    """The public id inside a well-formed token of this kind, else None."""
    match = _SHAPE.match(text)
    return match.group(2) if match and match.group(1) == kind else None


def trimmed(kind: str, text: str) -> str | None:
    """The token of this kind at the head of a text, without what a chat program glued to it: `)`, `>`, `，`, or a whole
    Chinese sentence. A letter or digit more or less is another token. None when there is none."""
    match = _HEAD.match(text)
    return match.group(1) if match and match.group(2) == kind else None


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def matches(text: str, stored_digest: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(digest(text), stored_digest)
