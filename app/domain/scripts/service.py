"""The script library's use cases: files become immutable versions, a center writes its own, texts are previewed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.core import audit, filling, settings
from app.core.db import Database, Tx
from app.core.errors import FieldError, Invalid, NotFound
from app.core.paging import Page
from app.domain.scripts import rules, store
from app.domain.scripts.rules import Content, ScriptSource, Version
from app.domain.scripts.states import Origin

log = structlog.get_logger(__name__)

STARTERS = settings.ROOT / "scripts_library"
MOST_TEXT = 20_000
_MOST_BYTES = 100_000

check_values = rules.check_values


@dataclass(frozen=True)
class SyncReport:
    """The slugs of a sync, by what became of them. `kept`: the files differ, but somebody wrote a newer version of
    his own, which no file pushes aside."""

    new: tuple[str, ...] = ()
    new_version: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.new or self.new_version)


def read_library(folder: Path) -> list[ScriptSource]:
    """The script files of a folder, README left out, in the order of their names. Raises Invalid."""
    if not folder.is_dir():
        raise Invalid("no_library", f"There is no folder {folder}.")
    return [_read(path) for path in sorted(folder.glob("*.md")) if path.stem.lower() != "readme"]


def _read(path: Path) -> ScriptSource:
    try:
        raw = path.read_bytes()
        if len(raw) > _MOST_BYTES:
            raise Invalid("invalid_script", f"{path.name} is larger than {_MOST_BYTES} bytes.")
        return ScriptSource(path.name, raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise Invalid("invalid_script", f"{path.name} is not UTF-8.") from error
    except OSError as error:
        raise Invalid("invalid_script", f"{path.name} cannot be read: {error.strerror}.") from error


async def sync(
    tx: Tx, center_id: str, files: Iterable[ScriptSource], *, actor: str, origin: Origin = Origin.LIBRARY
) -> SyncReport:
    """Bring a center's library up to these files: a new script, a new version where the content differs from the
    newest one, nothing where it is the same. Scripts without a file stay. Raises Invalid naming every bad line of
    every file, and then nothing is saved."""
    return await _settle(tx, center_id, _parsed(files), actor=actor, origin=origin)


async def sync_library(db: Database) -> None:
    """Bring every center's library up to the starter scripts, one transaction per center. Safe to run at once in
    many processes, at every start."""
    contents = _parsed(read_library(STARTERS))
    async with db.read() as tx:
        center_ids = await store.centers(tx)
    for center_id in center_ids:
        async with db.write() as tx:
            report = await _settle(tx, center_id, contents, actor="system", origin=Origin.LIBRARY)
        if report.changed:
            log.info("scripts_synced", center=center_id, new=len(report.new), new_version=len(report.new_version))


def _parsed(files: Iterable[ScriptSource]) -> list[Content]:
    contents: list[Content] = []
    problems: list[FieldError] = []
    for file in files:
        try:
            contents.append(rules.parse(file))
        except Invalid as error:
            problems += error.errors
    if problems:
        raise Invalid("invalid_script", "\n".join(problem.message for problem in problems), errors=problems)
    return contents


async def _settle(tx: Tx, center_id: str, contents: Sequence[Content], *, actor: str, origin: Origin) -> SyncReport:
    held = await store.hold(tx, center_id, contents)
    newest = await store.newest(tx, list(held.values()))
    fates: dict[str, list[str]] = {"new": [], "new_version": [], "unchanged": [], "kept": []}
    for content in sorted(contents, key=lambda content: content.slug):
        latest = newest.get(held[content.slug])
        fate = _fate(latest, content, origin)
        fates[fate].append(content.slug)
        if fate in {"new", "new_version"}:
            version = latest.version + 1 if latest else 1
            await store.append(tx, held[content.slug], content, version=version, origin=origin)
    report = SyncReport(**{fate: tuple(slugs) for fate, slugs in fates.items()})
    if report.changed:
        changes = {"new": list(report.new), "new_version": list(report.new_version)}
        await audit.note(tx, center_id, actor=actor, action="script.save", subject=center_id, **changes)
    return report


def _fate(latest: Version | None, content: Content, origin: Origin) -> str:
    if latest is None:
        return "new"
    if latest.content.digest == content.digest:
        return "unchanged"
    return "new_version" if origin.may_follow(latest.origin) else "kept"


async def create(tx: Tx, center_id: str, given: Mapping[str, object], *, actor: str) -> tuple[Version, bool]:
    """A script the center writes itself, or the next version of the one with this slug; and whether it is new: the
    same content again changes nothing. `given` as in `rules.content`. Raises Invalid."""
    content = rules.content(given)
    report = await _settle(tx, center_id, [content], actor=actor, origin=Origin.CENTER)
    return await get(tx, center_id, content.slug), report.changed


async def get(tx: Tx, center_id: str, slug: str, version: int | None = None) -> Version:
    """One version of a script, by default the newest. Raises NotFound."""
    found = await store.find(tx, center_id, slug, version)
    if found is not None:
        return found
    if version is None or await store.find(tx, center_id, slug, None) is None:
        raise NotFound("unknown_script", f"There is no script named {slug} in this center.")
    raise NotFound("unknown_version", f"The script {slug} has no version {version}.")


async def library(
    tx: Tx, center_id: str, *, category: str | None = None, q: str | None = None, limit: int, cursor: str | None = None
) -> Page[Version]:
    """The newest version of each script, of one category, or with `q` in slug, title or category."""
    return await store.page(tx, center_id, category=category, q=q, limit=limit, cursor=cursor)


async def versions(tx: Tx, center_id: str, slug: str, *, limit: int, cursor: str | None = None) -> Page[Version]:
    """Every version of a script, the newest first. Raises NotFound."""
    await get(tx, center_id, slug)
    return await store.versions(tx, center_id, slug, limit=limit, cursor=cursor)


def preview(version: Version, values: Mapping[str, str], *, language: str | None, platform: str) -> str:
    """The text a group of this language on this platform would get; `values` as `check_values` answers them.
    Raises Invalid when the values blow it up beyond every platform."""
    text = filling.fill(filling.pick(version.texts, language=language, platform=platform), values)
    if len(text) > MOST_TEXT:
        raise Invalid("text_too_long", f"The finished text has {len(text)} characters; {MOST_TEXT} are the most.")
    return text
