"""Files kept for some minutes: sealed under a key that only the one who left it holds, so what stays behind says
nothing to anybody."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

KEPT = timedelta(minutes=20)
_SUFFIX = ".parcel"


def leave(folder: Path, content: bytes, *, owner: str, now: datetime) -> str:
    """Keep these bytes; answers the word that opens them. Removes what was left too long ago."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(folder, now=now)
    word = secrets.token_urlsafe(32)
    place = _place(folder, word, owner)
    place.touch(mode=0o600)
    place.write_bytes(Fernet(_key(word)).encrypt_at_time(content, int(now.timestamp())))
    return word


def fetch(folder: Path, word: str, *, owner: str, now: datetime) -> bytes | None:
    """What was left under this word by the same owner; None when it is unknown or was left too long ago."""
    try:
        sealed = _place(folder, word, owner).read_bytes()
        return Fernet(_key(word)).decrypt_at_time(sealed, int(KEPT.total_seconds()), int(now.timestamp()))
    except (OSError, InvalidToken):
        return None


def remove(folder: Path, word: str, *, owner: str) -> None:
    """Doing it twice is once."""
    _place(folder, word, owner).unlink(missing_ok=True)


def sweep(folder: Path, *, now: datetime) -> None:
    """Remove what was left too long ago. The age is read from the seal, which says when by our own clock."""
    for place in folder.glob(f"*{_SUFFIX}"):
        try:
            head = place.open("rb")
        except OSError:
            continue
        with head:
            start = base64.urlsafe_b64decode(head.read(12).ljust(12, b"A"))
        if int.from_bytes(start[1:9], "big") + KEPT.total_seconds() < now.timestamp():
            place.unlink(missing_ok=True)


def _key(word: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"key:{word}".encode()).digest())


def _place(folder: Path, word: str, owner: str) -> Path:
    return folder / f"{hashlib.sha256(f'{owner}:{word}'.encode()).hexdigest()}{_SUFFIX}"
