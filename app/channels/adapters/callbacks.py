"""What every adapter does with a request from outside: compare in constant time, doubt old stamps, read strictly."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOLERANCE_S = 300.0
"""How far a signed request's stamp may be from our clock (Standard Webhooks, Slack: five minutes)."""

_LATEST_S = 4_102_444_800  # the year 2100


def same(given: str, wanted: str) -> bool:
    """Whether two strings are the same, told in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode(errors="replace"))


def fresh(stamp: str, now: datetime) -> bool:
    """Whether these Unix seconds are within the tolerance."""
    return stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(int(stamp) - now.timestamp()) <= TOLERANCE_S


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def json_body(body: bytes | str) -> Mapping[str, object]:
    """The body's JSON object, or an empty one for anything else."""
    try:
        return mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def word(value: object) -> str:
    """A JSON string, without halves of characters, or a whole number as one; nothing for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**20 else ""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def moment(value: object, *, unit: int = 1) -> datetime | None:
    """Unix time in whole or broken seconds (`unit` 1) or milliseconds (`unit` 1000), or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)[:40]) == 40:
        return None
    try:
        seconds = float(value) / unit
    except (ValueError, OverflowError):
        return None
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST_S else None


def opened(key: bytes, iv: bytes, sealed: bytes, *, block: int) -> bytes | None:
    """AES-CBC undone, its padding (PKCS#7 to `block` bytes) taken off; None for what was not sealed so."""
    if not sealed or len(sealed) % 16:
        return None
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plain = cipher.update(sealed) + cipher.finalize()
    pad = plain[-1]
    return plain[:-pad] if 1 <= pad <= block and plain.endswith(bytes([pad]) * pad) else None
