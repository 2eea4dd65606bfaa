"""Every setting is documented with its true default, and a wrong one ends the start with one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from app.core.settings import PREFIX, ROOT, Settings, load

ROW = re.compile(r"^\| `(MUSTER_\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
FIELDS = {f"{PREFIX}{name.upper()}": field for name, field in Settings.model_fields.items()}


def documented() -> dict[str, str]:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    return {name: default for name, default, _ in ROW.findall(text)}


def test_the_page_lists_exactly_the_settings_there_are() -> None:
    assert list(documented()) == list(FIELDS)


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.default not in (None, ())])
def test_the_page_gives_the_true_default(name: str) -> None:
    assert documented()[name] == f"`{FIELDS[name].default}`"


def test_the_example_file_names_only_known_settings() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    known = set(FIELDS) | set(re.findall(r"(?<!\$)\$\{(\w+)", compose))
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert named
    assert named <= known


def test_the_example_file_names_whatever_compose_demands() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    demanded = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert demanded
    assert demanded <= set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))


WRONG = {
    "MUSTER_PROT": "8000",
    "MUSTER_PORT": "many",
    "MUSTER_HOST_": "x",
    "MUSTER_LOG_LEVEL": "LOUD",
    "MUSTER_SECRET_KEYS": "short",
    "MUSTER_DATABASE_URL": "mysql://root:hunter2@db/muster",
    "MUSTER_REDIS_URL": "hunter2",
    "MUSTER_ALLOWED_HOSTS": "http://example.org/",
    "MUSTER_PUBLIC_URL": "nowhere",
    "MUSTER_WORKER_CONCURRENCY": "0",
}


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_setting_is_named_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ending:
        load()
    assert isinstance(ending.value.code, str)
    assert re.search(rf"\b{name}\b", ending.value.code)
    assert "\n" not in ending.value.code
    assert "hunter2" not in ending.value.code


@pytest.mark.parametrize("module", ["app.main", "workers"])
def test_each_process_ends_at_a_wrong_setting(module: str, tmp_path: Path) -> None:
    environment = {**os.environ, "MUSTER_PROT": "8000", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == ["muster: unknown setting MUSTER_PROT; docs/settings.md lists the known ones"]


def test_the_env_file_is_read_and_judged_alike(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    key = Fernet.generate_key().decode()
    (tmp_path / ".env").write_text(f"POSTGRES_PASSWORD=x\nMUSTER_PORT=8123\nMUSTER_SECRET_KEYS={key}, {key}\n")
    settings = load()
    assert settings.port == 8123
    assert settings.secret_keys == (SecretStr(key), SecretStr(key))
    (tmp_path / ".env").write_text("MUSTER_PROT=8123\n")
    with pytest.raises(SystemExit, match="unknown setting MUSTER_PROT"):
        load()


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_PUBLIC_URL", "")
    monkeypatch.setenv("MUSTER_REDIS_URL", "")
    assert load().redis_url is None
    assert load().base_url == "http://127.0.0.1:8000"
