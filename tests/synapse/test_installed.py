"""The homeserver's own environment: made once, kept while its lock stays, and loud when it cannot be made."""

import hashlib
import sys
from pathlib import Path

import pytest

from tests.synapse.installed import NotInstalled, python


def test_what_cannot_be_installed_is_said_and_never_taken_for_installed(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("this is no requirement\n")
    with pytest.raises(NotInstalled, match="cannot be installed here"):
        python(lock, tmp_path / "made")
    assert not (tmp_path / "made" / ".lock").exists()


def test_it_is_made_again_only_when_its_lock_changes(tmp_path: Path) -> None:
    lock, made = tmp_path / "requirements.txt", tmp_path / "made"
    lock.write_text("this is no requirement\n")
    made.mkdir()
    (made / ".lock").write_text(hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest())
    assert python(lock, made) == made / "bin" / "python"
    lock.write_text("this is another\n")
    with pytest.raises(NotInstalled):
        python(lock, made)
