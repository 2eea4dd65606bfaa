"""`muster doctor` finds what is wrong and says what to do; it changes nothing."""

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from app.core.db import Database
from app.core.secrets import Vault
from app.domain.access import service as access
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from tests.cli.conftest import Muster
from tests.servers import free_port


def checks(muster: Muster, code: int) -> dict[str, dict[str, str]]:
    told = muster("doctor", "--json")
    assert told.code == code, told.out
    answer = json.loads(told.out)
    assert answer["ok"] is (code == 0)
    return {check["name"]: check for check in answer["checks"]}


def states(muster: Muster, code: int) -> dict[str, str]:
    return {name: check["state"] for name, check in checks(muster, code).items()}


async def seal(url: str, vault: Vault) -> None:
    """Put an account with a secret into the house."""
    db = Database(url)
    async with db.write() as tx:
        center = await access.create_center(tx, "main", actor="test")
        await tx.add(
            Account(
                id="acc_1",
                center_id=center.id,
                name="bot",
                name_key="bot",
                platform="telegram",
                channel="telegram",
                status=Status.ACTIVE,
                secret_box=vault.seal("acc_1", {"bot_token": "1:x"}),
                created_at=tx.now,
                updated_at=tx.now,
            )
        )
    await db.close()


@pytest.mark.usefixtures("house")
def test_a_sound_house_fails_nothing(muster: Muster, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_SECRET_KEYS", Fernet.generate_key().decode())
    told = muster("doctor")
    assert told.code == 0
    assert "fail" not in told.out
    found = states(muster, 0)
    assert found["database"] == found["schema"] == found["secrets"] == found["clock"] == "ok"
    assert found["workers"] == "warn"
    assert not bare.exists(), "the doctor made something"


def test_a_machine_without_a_database_is_told_how_to_get_one(muster: Muster, bare: Path) -> None:
    found = checks(muster, 1)
    assert found["database"]["state"] == "fail"
    assert "muster migrate" in found["database"]["remedy"]
    assert not bare.exists()


def test_a_server_that_would_forget_in_a_power_cut_is_found(muster: Muster, house: str) -> None:
    """The tests' own PostgreSQL saves itself the disk; SQLite is told by us what to keep."""
    found = checks(muster, 0)["disk"]
    if house.startswith("sqlite"):
        assert "outlives" not in found["found"]
    else:
        assert (found["state"], found["found"]) == ("warn", "PostgreSQL runs with fsync=off, full_page_writes=off")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_database_that_only_reads_is_found(muster: Muster, house: str) -> None:
    asyncio.run(only_reads(house))
    found = checks(muster, 1)["disk"]
    assert (found["state"], found["found"]) == ("fail", "the database takes no writes: it only reads")


async def only_reads(url: str) -> None:
    """What a copy says that follows another server, or one that was set to read."""
    db = Database(url)
    async with db.write() as tx:
        name = (await tx.table(text("SELECT current_database()")))[0][0]
        await tx.run(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    await db.close()


def test_an_old_schema_is_found(muster: Muster, house: str) -> None:
    assert muster("migrate", "--down", "base").code == 0
    assert states(muster, 1)["schema"] == "fail"
    assert muster("keys", "list").code == 1
    assert muster("migrate").code == 0
    assert states(muster, 0)["schema"] == "ok"


@pytest.mark.usefixtures("bare")
def test_a_database_that_is_away_is_found_and_its_password_kept(
    muster: Muster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_DATABASE_URL", f"postgresql://muster:hunter2@127.0.0.1:{free_port()}/muster")
    for words in (("doctor",), ("doctor", "--json"), ("keys", "list"), ("migrate",)):
        told = muster(*words)
        assert told.code == 1
        assert "does not answer" in told.out + told.err or "could not be migrated" in told.err
        assert "hunter2" not in told.out + told.err
        assert "Traceback" not in told.err


def test_an_unknown_database_is_found(muster: Muster, house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if house.startswith("sqlite"):
        house = f"{house}/no/such/folder.db"
    monkeypatch.setenv("MUSTER_DATABASE_URL", f"{house}_elsewhere")
    assert states(muster, 1)["database"] == "fail"


def test_keys_that_only_this_machine_has_are_a_warning_where_the_database_is_elsewhere(
    muster: Muster, house: str
) -> None:
    assert states(muster, 0)["secrets"] == ("ok" if house.startswith("sqlite") else "warn")


def test_a_secret_that_no_key_opens_is_found(muster: Muster, house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    asyncio.run(seal(house, Vault([old])))
    found = checks(muster, 1)["secrets"]
    assert found["state"] == "fail"
    assert "acc_1" in found["found"]
    monkeypatch.setenv("MUSTER_SECRET_KEYS", new)
    assert states(muster, 1)["secrets"] == "fail"
    monkeypatch.setenv("MUSTER_SECRET_KEYS", f"{new},{old}")
    assert states(muster, 0)["secrets"] == "ok"


@pytest.mark.usefixtures("house")
def test_a_redis_that_is_away_is_a_warning_for_nothing_is_lost(
    muster: Muster, monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    monkeypatch.setenv("MUSTER_REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    assert states(muster, 0)["redis"] == "warn"
    monkeypatch.setenv("MUSTER_REDIS_URL", redis_url)
    assert states(muster, 0)["redis"] == "ok"


@pytest.mark.usefixtures("house")
def test_a_wrong_setting_is_the_only_line(muster: Muster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_PORT", "many")
    assert states(muster, 1) == {"settings": "fail"}
