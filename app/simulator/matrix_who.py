"""Whose token it is that comes to the practice homeserver."""

import base64
import binascii
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Who:
    """Whose token it is. Like Synapse's own, `syt_…` tokens hold their user's name; each token is a device."""

    token: str
    user: str
    device: str


def who_of(header: str) -> Who | None:
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
    if not token:
        return None
    digest = hashlib.sha256(token.encode(errors="replace")).hexdigest().upper()
    return Who(token, f"@{_localpart(token) or f'bot-{digest[:8].lower()}'}:localhost", digest[:10])


def _localpart(token: str) -> str:
    parts = token.split("_")
    if len(parts) != 4 or parts[0] != "syt":
        return ""
    try:
        return base64.b64decode(parts[1] + "==").decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""
