"""The image and the compose file are sound, and every command they name runs. No docker engine is needed."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.settings import PREFIX, ROOT, Settings
from tests.architecture.image import Image, build, instructions, sent
from tests.servers import free_port

BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "muster"]
KEY = "0" * 43 + "="

pytestmark = pytest.mark.timeout(500)

PATIENCE_S = 60


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return build(tmp_path_factory.mktemp("image"))


def last(word: str) -> str:
    return [line.rest for line in instructions() if line.word == word][-1]


def words(text: str) -> list[str]:
    """The exec form of CMD or ENTRYPOINT."""
    found: list[str] = json.loads(text)
    return found


def test_the_dockerfile_passes_its_linter() -> None:
    judged = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], check=False, capture_output=True, text=True)
    assert (judged.returncode, judged.stdout) == (0, "")


def test_the_compose_file_is_what_the_specification_allows() -> None:
    judged = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout


def test_the_image_runs_as_nobody_special() -> None:
    user = last("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_the_image_is_installed_from_hashes_alone() -> None:
    installs = [part for line in instructions() for part in line.rest.split("&&") if "pip install" in part]
    assert installs
    for install in installs:
        assert "--require-hashes" in install or {"--no-deps", "--no-build-isolation"} <= set(install.split())


def test_nothing_secret_or_heavy_is_sent_to_the_builder() -> None:
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"
    assert not {".env", ".git", ".venv", "data", "tests"} & set(sent())


def test_compose_has_the_five_services() -> None:
    assert set(SERVICES) == {"postgres", "redis", "migrate", "api", "worker"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_lasting_service_has_a_pulse_and_comes_back(name: str) -> None:
    own_pulse = "healthcheck" in SERVICES[name] or (
        name == "api" and any(i.word == "HEALTHCHECK" for i in instructions())
    )
    assert own_pulse
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_nothing_of_ours_starts_before_the_schema_stands() -> None:
    for name in set(OURS) - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


def test_workers_can_be_many() -> None:
    assert "ports" not in SERVICES["worker"]
    assert "container_name" not in SERVICES["worker"]


def test_only_the_api_is_reachable_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in published["api"])


def test_every_secret_must_be_given() -> None:
    """A password in the file, or a default for one, would be everybody's password."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    names = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    secret = {name for name in names if re.search("PASSWORD|SECRET|KEY", name)}
    assert secret == {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "MUSTER_SECRET_KEYS"}
    for name in secret:
        assert set(re.findall(rf"(?<!\$)\$\{{{name}(:.)", text)) == {":?"}


def test_redis_keeps_what_it_has_and_throws_nothing_away() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass" in command


def test_containers_get_only_settings_we_know() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {name for service in OURS for name in SERVICES[service]["environment"]}
    given |= set(re.findall(r"\b(MUSTER_\w+)=", " ".join(i.rest for i in instructions() if i.word == "ENV")))
    assert given
    assert given <= known


def named() -> list[list[str]]:
    """Every command line of the image that the Dockerfile or the compose file names."""
    start = words(last("ENTRYPOINT"))
    pulses = [SERVICES[name].get("healthcheck", {}).get("test", []) for name in OURS]
    lines = [start + words(last("CMD")), *(start + SERVICES[name]["command"] for name in OURS)]
    return lines + [pulse[1:] for pulse in pulses if pulse]


@pytest.mark.parametrize("line", {" ".join(line): line for line in named()}.values(), ids=" ".join)
def test_every_named_command_exists_in_a_clean_installation(image: Image, line: list[str]) -> None:
    shown = image.run(*line, "--help")
    assert shown.returncode == 0, shown.stderr
    assert f"Usage: {line[0]} {line[1]}" in shown.stdout


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return {
        "MUSTER_DATABASE_URL": f"sqlite:///{tmp_path}/muster.db",
        "MUSTER_SECRET_KEYS": KEY,
        "MUSTER_DATA_DIR": str(tmp_path),
        "MUSTER_HOST": "127.0.0.1",
        "MUSTER_PORT": str(free_port()),
    }


def test_the_worker_s_pulse_tells_a_migrated_house_from_an_empty_one(image: Image, settings: dict[str, str]) -> None:
    pulse = SERVICES["worker"]["healthcheck"]["test"][1:]
    assert image.run(*pulse, **settings).returncode == 1
    migrated = image.run("muster", "migrate", **settings)
    assert migrated.returncode == 0, migrated.stderr
    examined = image.run(*pulse, **settings)
    assert examined.returncode == 0, examined.stdout
    assert json.loads(examined.stdout)["ok"] is True


@pytest.fixture
def served(image: Image, settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """The image's API, running."""
    assert image.run("muster", "migrate", **settings).returncode == 0
    api = subprocess.Popen([image.bin / "muster", "api"], cwd=image.source, env=image.environment(**settings))
    deadline = time.monotonic() + PATIENCE_S
    while api.poll() is None and time.monotonic() < deadline:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", int(settings["MUSTER_PORT"]))) == 0:
                break
        time.sleep(0.1)
    yield settings
    api.terminate()
    assert api.wait(PATIENCE_S) == 0


def test_the_image_s_pulse_tells_a_living_api_from_a_dead_one(image: Image, served: dict[str, str]) -> None:
    pulse = words(last("HEALTHCHECK").split("CMD", 1)[1])
    tries = (image.run(*pulse, **served) for _ in range(3))  # as many as docker makes
    alive = next((one for one in tries if one.returncode == 0), None)
    assert alive is not None
    dead = image.run(*pulse, **served | {"MUSTER_PORT": str(free_port())})
    assert dead.returncode != 0


def test_a_worker_starts_and_stops_in_a_clean_installation(image: Image, settings: dict[str, str]) -> None:
    assert image.run("muster", "migrate", **settings).returncode == 0
    worker = subprocess.Popen(
        [image.bin / "muster", "worker"],
        cwd=image.source,
        env=image.environment(**settings),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stderr is not None
    assert any("worker_started" in line for line in worker.stderr)
    worker.terminate()
    worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == 0
