"""`muster doctor`: what works, what does not, and what to do about it."""

import asyncio
import stat
from dataclasses import asdict
from datetime import timedelta

import typer
from cryptography.fernet import Fernet

from app.cli.checks import Check, State
from app.cli.disk import disk
from app.cli.local import REFUSALS, reason, sqlite_file, vault
from app.cli.terminal import AsJson, printable, show_json
from app.core.clock import wall_clock
from app.core.db import Database, Tx
from app.core.jobs import ArqQueue
from app.core.readiness import schema_is_current
from app.core.secrets import SecretBroken, Vault
from app.core.settings import Settings, load
from app.reports import house

SKEW_WARN = timedelta(seconds=2)
SKEW_FAIL = timedelta(seconds=60)


def doctor(*, as_json: AsJson = False) -> None:
    """Look at the settings, the database, its schema and its disk, Redis, the secrets, the workers and the clock; each
    line says ok, warn or fail, and what to do. Changes nothing. The exit code is 1 when something fails.

    Example: muster doctor
    """
    checks = asyncio.run(_examine())
    failed = any(check.state is State.FAIL for check in checks)
    if as_json:
        show_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            print(f"{check.state:<5} {check.name:<9} {printable(check.found)}")
            if check.remedy:
                print(f"{'':<15} → {check.remedy}")
    if failed:
        raise typer.Exit(1)


async def _examine() -> list[Check]:
    try:
        settings = load()
    except SystemExit as ending:
        return [Check("settings", State.FAIL, str(ending.code).removeprefix("muster: "), "Mend it and look again.")]
    checks = [Check("settings", State.OK, "every setting is known and well formed"), _address(settings)]
    checks.append(await _redis(settings))
    return [*checks, *await _database(settings)]


def _address(settings: Settings) -> Check:
    if settings.public_url:
        return Check("links", State.OK, f"relay links begin with {settings.base_url}")
    return Check(
        "links",
        State.WARN,
        f"relay links begin with {settings.base_url}, which only this machine can open",
        "Set MUSTER_PUBLIC_URL to the address at which leaders reach this service.",
    )


async def _redis(settings: Settings) -> Check:
    if settings.redis_url is None:
        return Check("redis", State.OK, "none named: `muster up` starts its own")
    queue = ArqQueue(settings.redis_url.get_secret_value())
    alive = await queue.alive()
    await queue.close()
    if alive:
        return Check("redis", State.OK, "Redis answers")
    remedy = "Start it or mend MUSTER_REDIS_URL. Nothing is lost meanwhile; workers look into the database less often."
    return Check("redis", State.WARN, "Redis does not answer", remedy)


async def _database(settings: Settings) -> list[Check]:
    path = sqlite_file(settings)
    if path is not None and not path.exists():
        return [Check("database", State.FAIL, f"there is no file {path}", "Run `muster migrate`, or `muster up`.")]
    db = Database(settings.database)
    try:
        await db.follow_clock()
        return await _inside(db, settings)
    except REFUSALS as error:
        remedy = "Start the database, or mend MUSTER_DATABASE_URL."
        return [Check("database", State.FAIL, f"the database does not answer: {reason(error)}", remedy)]
    finally:
        await db.close()


async def _inside(db: Database, settings: Settings) -> list[Check]:
    async with db.read() as tx:
        current = await schema_is_current(tx)
    checks = [Check("database", State.OK, f"{db.dialect} answers")]
    if not current:
        found = "the schema is not the one this program needs"
        return [*checks, Check("schema", State.FAIL, found, "Run `muster migrate`.")]
    checks += [Check("schema", State.OK, "every migration was run"), await disk(db, settings)]
    async with db.read() as tx:
        return [*checks, await _secrets(tx, settings), await _workers(tx), await _clock(tx)]


async def _secrets(tx: Tx, settings: Settings) -> Check:
    """Open every secret with the keys at hand, without making a key where there is none."""
    key_file = settings.data_dir / "secret.key"
    keyless = not settings.secret_keys and not key_file.exists()
    kept, broken = 0, []
    keys = Vault([Fernet.generate_key().decode()]) if keyless else vault(settings)
    async for boxes in house.boxes(tx):
        kept += len(boxes)
        broken += [owner for owner, box in boxes if not _opens(keys, owner, box)]
    if broken:
        return Check(
            "secrets",
            State.FAIL,
            f"{len(broken)} of {kept} stored secrets cannot be opened, the first one of {broken[0]}",
            "Put the key they were sealed with into MUSTER_SECRET_KEYS, behind the new one, or enter them again.",
        )
    if not settings.secret_keys and key_file.exists() and key_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check("secrets", State.WARN, f"others may read {key_file}", f"Run `chmod 600 {key_file}`.")
    if not settings.secret_keys and sqlite_file(settings) is None:
        remedy = "Set MUSTER_SECRET_KEYS: every process on every machine needs the same keys."
        return Check("secrets", State.WARN, "the keys lie in this machine's data directory", remedy)
    return Check("secrets", State.OK, f"{kept} stored, all of them open")


def _opens(keys: Vault, owner: str, box: str) -> bool:
    try:
        keys.open(owner, box)
    except SecretBroken:
        return False
    return True


async def _workers(tx: Tx) -> Check:
    alive = await house.workers_alive(tx)
    if alive:
        return Check("workers", State.OK, f"{alive} reported in within the last seconds")
    return Check("workers", State.WARN, "no worker reports in: nothing is sent", "Run `muster up` or `muster worker`.")


async def _clock(tx: Tx) -> Check:
    """Every judgement follows the database's clock; platforms judge our signatures by this machine's."""
    skew = abs(wall_clock() - await house.database_now(tx))
    if skew < SKEW_WARN:
        return Check("clock", State.OK, "this machine and the database agree on the time")
    found = f"this machine and the database are {skew.total_seconds():.0f} s apart"
    remedy = "Let both follow NTP: platforms refuse signatures whose time is wrong."
    return Check("clock", State.FAIL if skew > SKEW_FAIL else State.WARN, found, remedy)
