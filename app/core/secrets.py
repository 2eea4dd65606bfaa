"""The vault: secrets at rest, encrypted with the first key, readable with any, bound to the row they belong to."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

REMEMBERED = 256
"""An account's secret is asked for at each of its posts; opening it anew costs a tenth of a post."""


class SecretBroken(Exception):
    """A stored secret cannot be read: another key, or another row's ciphertext."""


class Vault:
    """Encrypts small mappings of strings. Fernet has no associated data, so the owner's id goes inside."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._read = lru_cache(maxsize=REMEMBERED)(self._decrypted)

    def seal(self, owner: str, secret: Mapping[str, str]) -> str:
        return self._fernet.encrypt(json.dumps({"owner": owner, "secret": dict(secret)}).encode()).decode()

    def open(self, owner: str, sealed: str) -> dict[str, str]:
        """Raises SecretBroken when no key fits or the ciphertext was sealed for another owner."""
        return dict(self._read(owner, sealed))

    def _decrypted(self, owner: str, sealed: str) -> dict[str, str]:
        try:
            content = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise SecretBroken("no key in MUSTER_SECRET_KEYS opens this secret") from error
        if content["owner"] != owner:
            raise SecretBroken("this secret was sealed for another row")
        return {str(name): str(value) for name, value in content["secret"].items()}

    def rotate(self, sealed: str) -> str:
        """The same secret under the first key."""
        return self._fernet.rotate(sealed.encode()).decode()


def keys_in(folder: Path) -> list[str]:
    """The embedded service's own key, made at first start and readable by its owner alone."""
    path = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(Fernet.generate_key())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink(missing_ok=True)
    return path.read_text().split()
