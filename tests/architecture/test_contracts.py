"""The import contracts hold, and they cover the whole house."""

import subprocess
import sys
from pathlib import Path

from app.core.settings import ROOT


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    judged = subprocess.run([linter, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=100)
    assert judged.returncode == 0, judged.stdout
    assert "0 broken" in judged.stdout


def test_the_house_has_exactly_the_storeys_of_the_plan() -> None:
    storeys = {path.stem for path in (ROOT / "app").iterdir() if not path.name.startswith("__")}
    plan = "api bootstrap channels cli core domain flows main reports schema simulator web"
    assert storeys == set(plan.split())


def test_a_feature_has_no_rooms_beyond_the_five() -> None:
    rooms = {"states", "rules", "tables", "store", "service"}
    for feature in (ROOT / "app/domain").iterdir():
        if feature.is_dir() and not feature.name.startswith("__"):
            found = {path.stem for path in feature.iterdir() if not path.name.startswith("__")}
            assert found <= rooms, feature.name


def test_alembic_is_no_package_for_it_would_hide_the_library() -> None:
    assert not (ROOT / "alembic/__init__.py").exists()
