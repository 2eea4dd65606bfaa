"""Synapse in a virtual environment of its own, made once and again whenever its lock changes."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from app.core.settings import ROOT

LOCK = Path(__file__).with_name("requirements.txt")
HOME = ROOT / ".venv-synapse"
PATIENCE_S = 300


class NotInstalled(Exception):
    """The homeserver cannot be had here; the text says why, and how to do without."""


def python() -> Path:
    """The interpreter that runs Synapse. Raises NotInstalled."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    mark, interpreter = HOME / ".lock", HOME / "bin" / "python"
    with HOME.with_suffix(".making").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # runs side by side: one installs, the others wait for it
        if not (mark.exists() and mark.read_text() == wanted):
            shutil.rmtree(HOME, ignore_errors=True)
            _install(interpreter)
            mark.write_text(wanted)
    return interpreter


def _install(interpreter: Path) -> None:
    sys.stderr.write("Installing the Matrix homeserver for the tests …\n")
    if uv := shutil.which("uv"):
        make = [uv, "venv", "--quiet", "--no-python-downloads", "--python", sys.executable, HOME]
        fill = [uv, "pip", "install", "--quiet", "--python", interpreter, "--require-hashes", "-r", LOCK]
    else:
        make = [sys.executable, "-m", "venv", HOME]
        pip = [interpreter, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        fill = [*pip, "install", "--require-hashes", "-r", LOCK]
    for command in (make, fill):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1:]
            raise NotInstalled(
                f"Synapse cannot be installed here ({' '.join(said)}). Its story needs the package index once; "
                "leave it out with -m 'not synapse'."
            ) from None
