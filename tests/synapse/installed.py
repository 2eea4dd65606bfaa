"""Synapse in a virtual environment of its own, made once and again whenever its lock changes."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from app.core.settings import ROOT

LOCK = Path(__file__).with_name("requirements.txt")
HOME = ROOT / ".venv-synapse"
PATIENCE_S = 600


class NotInstalled(Exception):
    """The homeserver cannot be had here; the text says why, and how to do without."""


def python(lock: Path = LOCK, home: Path = HOME) -> Path:
    """The interpreter that runs Synapse. Raises NotInstalled."""
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    mark, interpreter = home / ".lock", home / "bin" / "python"
    with home.with_suffix(".making").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # runs side by side: one installs, the others wait for it
        if not (mark.exists() and mark.read_text() == wanted):
            shutil.rmtree(home, ignore_errors=True)
            _install(lock, home, interpreter)
            mark.write_text(wanted)
    return interpreter


def _install(lock: Path, home: Path, interpreter: Path) -> None:
    sys.stderr.write("Installing the Matrix homeserver for the tests …\n")
    if uv := shutil.which("uv"):
        make = [uv, "venv", "--quiet", "--no-python-downloads", "--python", sys.executable, home]
        fill = [uv, "pip", "install", "--quiet", "--python", interpreter, "--require-hashes", "-r", lock]
    else:
        own = find_spec("pip") is not None  # then the new environment is spared one, which is half the time
        make = [sys.executable, "-m", "venv", *(["--without-pip"] if own else []), home]
        pip = [sys.executable if own else interpreter, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        pip += ["--python", interpreter] if own else []
        fill = [*pip, "install", "--no-compile", "--require-hashes", "-r", lock]
    for command in (make, fill):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1:]
            raise NotInstalled(
                f"Synapse cannot be installed here ({' '.join(said)}). Its story needs the package index once; "
                "leave it out with -m 'not synapse'."
            ) from None
