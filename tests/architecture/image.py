"""What the Dockerfile builds, without a docker engine: its COPY and pip lines carried out in a folder of our own."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.core.settings import ROOT

SOURCE, VENV = "/srv/muster", "/opt/venv"


@dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile, continuation lines joined, comments gone."""

    word: str
    rest: str


def instructions() -> list[Instruction]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [Instruction(*line.split(maxsplit=1)) for line in lines if line.strip()]


@dataclass(frozen=True)
class Image:
    """A folder that stands for the image's root."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / SOURCE.lstrip("/")

    @property
    def bin(self) -> Path:
        return self.root / VENV.lstrip("/") / "bin"

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `muster …` (or another program of the image) as the image would."""
        return subprocess.run(
            [self.bin / words[0], *words[1:]],
            cwd=self.source,
            env=self.environment(**settings),
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def environment(self, **settings: str) -> dict[str, str]:
        bare = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        return {**bare, "PATH": f"{self.bin}:/usr/bin:/bin", **settings}


def build(root: Path) -> Image:
    """Carry out the COPY and pip lines. Needs the package index, as `docker build` does."""
    image = Image(root)
    image.source.mkdir(parents=True)
    for line in instructions():
        if line.word == "COPY":
            _copy(line.rest.split()[:-1], image.source)
        elif line.word == "RUN" and "pip" in line.rest:
            words = line.rest.replace(VENV, str(root / VENV.lstrip("/"))).replace("python -m venv", _venv())
            # Compiling all of it ahead is half of pip's work, and nothing a test looks at.
            hasty = {**os.environ, "PIP_NO_COMPILE": "1"}
            subprocess.run(["bash", "-euc", words], cwd=image.source, env=hasty, check=True, timeout=400)
    return image


def sent() -> list[str]:
    """What .dockerignore lets through to the builder."""
    text = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    return re.findall(r"^!(\S+)$", text, re.MULTILINE)


def _copy(names: list[str], target: Path) -> None:
    for name in sent() if names == ["."] else names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(ROOT / name, target / name)


def _venv() -> str:
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return f"{shlex.quote(str(base))} -m venv"
