"""Takes the entries of a sheet into the directory: what stands is compared with what the sheet says, and the
difference is counted and, if it is to be saved, written. Same comparison for a dry run and for the real one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from app.core import ids
from app.core.db import Tx
from app.core.secrets import Vault
from app.core.text import comparable
from app.domain.directory.rules import NO_CONTACT, Contact, path_key
from app.domain.directory.rules.sheet import Entry
from app.domain.directory.service import tree as branches
from app.domain.directory.service.boxes import address_columns, contact_columns, same_contact, whole_address
from app.domain.directory.service.difference import Difference
from app.domain.directory.service.people import new_row
from app.domain.directory.states import GroupStatus, Health
from app.domain.directory.store import answers, groups, leaders, tree
from app.domain.directory.store.bulk import refresh_statistics

Row = dict[str, Any]

MANY = 1_000


@dataclass
class Tally:
    """What a sheet does, counted in groups, leaders and branches."""

    create: int = 0
    update: int = 0
    unchanged: int = 0
    branches_created: int = 0
    leaders_created: int = 0
    leaders_updated: int = 0

    def counts(self) -> dict[str, int]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True)
class Named:
    """A leader as a sheet names him; without a contact the one he has stays."""

    name: str
    contact: Contact | None = None


@dataclass
class Intake:
    """One sheet on its way into one center. `columns` are those the sheet has: what it does not mention stays."""

    tx: Tx
    center_id: str
    vault: Vault
    columns: frozenset[str]
    save: bool
    tally: Tally = field(default_factory=Tally)
    leaders: dict[str, str] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    difference: Difference = field(init=False)

    def __post_init__(self) -> None:
        self.difference = Difference(self.columns)

    async def prepare(self, *, paths: Iterable[str], named: Mapping[str, Named]) -> None:
        """Bring in every branch and leader the sheet names (leaders by comparable name), before any group."""
        if self.save:
            await tree.lock(self.tx, self.center_id)
        self.branches, self.tally.branches_created = await branches.ensure(
            self.tx, self.center_id, paths, save=self.save
        )
        standing = await leaders.leaders_named(self.tx, self.center_id, list(named))
        new, changed = [], []
        for key, person in named.items():
            row = standing.get(key)
            if row is None:
                fresh = new_row(self.center_id, person.name, self.tx.now)
                new.append(fresh | self._contact(fresh["id"], person.contact or NO_CONTACT))
            elif person.contact and not same_contact(self.vault, row, kind=row.contact_kind, contact=person.contact):
                changed.append({**columns(row), "updated_at": self.tx.now, **self._contact(row.id, person.contact)})
            self.leaders[key] = row.id if row is not None else new[-1]["id"]
        self.tally.leaders_created, self.tally.leaders_updated = len(new), len(changed)
        if self.save:
            await leaders.insert_leaders(self.tx, new)
            await leaders.update_leaders(self.tx, changed)

    def _contact(self, leader_id: str, contact: Contact) -> dict[str, str | None]:
        return contact_columns(self.vault, leader_id, contact) if self.save else {}

    async def take(self, entries: Sequence[Entry], accounts: Sequence[str | None]) -> None:
        """Bring in some groups, each with its account's id. No two entries may stand at one address."""
        keys = [(entry.platform, entry.key) for entry in entries]
        found = await groups.at_addresses(self.tx, self.center_id, keys)
        held = await answers.holders(self.tx, [row.id for row in found.values()])
        new: list[Row] = []
        changed: list[Row] = []
        moved: dict[str, list[str]] = {}
        fresh = ids.many("grp", len(entries))
        for entry, account_id, new_id in zip(entries, accounts, fresh, strict=True):
            standing = found.get((entry.platform, entry.key))
            row = (
                self._new(new_id, entry, account_id) if standing is None else self._changed(standing, entry, account_id)
            )
            group_id = new_id if standing is None else str(standing.id)
            had = held.get(group_id, [])
            wanted = self._people(entry, had)
            if standing is None:
                new.append(row)
                self.difference.welcome(entry)
            else:
                changed += [row] if row else []
                self._note(standing, entry, had=had, wanted=wanted)
            if wanted != had:
                moved[group_id] = wanted
            self.tally.create += standing is None
            self.tally.update += standing is not None and bool(row or wanted != had)
            self.tally.unchanged += standing is not None and not row and wanted == had
        if self.save:
            await self._write(new, changed, moved)

    def _note(self, standing: Any, entry: Entry, *, had: list[str], wanted: list[str]) -> None:
        branch_id = self.branches[path_key(entry.branch)] if entry.branch else None
        self.difference.note(standing, entry, branch_id=branch_id, had=had, wanted="".join(wanted[:1]))

    async def finish(self) -> None:
        """All groups are in."""
        if self.save and self.tally.create + self.tally.update >= MANY:
            await refresh_statistics(self.tx)

    async def _write(self, new: list[Row], changed: list[Row], moved: Mapping[str, list[str]]) -> None:
        await groups.insert_groups(self.tx, new)
        await groups.update_groups(self.tx, changed)
        created = {row["id"] for row in new}
        await leaders.delete_assignments(self.tx, [group_id for group_id in moved if group_id not in created])
        fresh = iter(ids.many("asg", sum(map(len, moved.values()))))
        columns = {"center_id": self.center_id, "branch_id": None}
        rows = [
            {"id": next(fresh), "leader_id": leader, "group_id": group_id, "rank": rank, **columns}
            for group_id, wanted in moved.items()
            for rank, leader in enumerate(wanted)
        ]
        await leaders.insert_assignments(self.tx, rows)

    def _new(self, group_id: str, entry: Entry, account_id: str | None) -> Row:
        if not self.save:
            return {}
        return {
            "id": group_id,
            "center_id": self.center_id,
            "platform": entry.platform,
            **self._facts(entry, account_id),
            **self._sealed(group_id, entry, entry.address, entry.secret),
            "status": GroupStatus.ACTIVE,
            "status_reason": "",
            "created_at": self.tx.now,
            "updated_at": self.tx.now,
        }

    def _changed(self, standing: Any, entry: Entry, account_id: str | None) -> Row:
        """Every column of a group that is to change, or nothing."""
        now = columns(standing)
        facts = self._facts(entry, account_id)
        facts = {column: value for column, value in facts.items() if _COLUMN.get(column, column) in self.columns}
        address, own = whole_address(self.vault, standing) if entry.secret else ("", {})
        renewed = bool(entry.secret) and own.get("secret") != entry.secret
        if not renewed and all(now[column] == value for column, value in facts.items()):
            return {}
        sealed = self._sealed(standing.id, entry, address, entry.secret) if renewed and self.save else {}
        if facts.get("account_id", now["account_id"]) != now["account_id"]:
            facts |= {"health": Health.SOUND, "health_reason": "", "health_since": self.tx.now}
        return {**now, **facts, **sealed, "updated_at": self.tx.now}

    def _facts(self, entry: Entry, account_id: str | None) -> Row:
        """What the sheet says of a group beside its address, by the group's own columns."""
        return {
            "name": entry.name,
            "account_id": account_id,
            "branch_id": self.branches[path_key(entry.branch)] if entry.branch else None,
            "members": entry.members,
            "tags": list(entry.tags),
            "timezone": entry.timezone,
            "language": entry.language,
            "routes": list(entry.routes),
            "activity": [list(one) for one in entry.activity],
        }

    def _sealed(self, group_id: str, entry: Entry, address: str, secret: str) -> dict[str, str | None]:
        return address_columns(
            self.vault, group_id, platform=entry.platform, address=address, key=entry.key, secret=secret
        )

    def _people(self, entry: Entry, had: list[str]) -> list[str]:
        """Who answers for the group, the leader first; what the sheet has no column for stays as it is."""
        leader = [self.leaders[comparable(entry.leader)]] if entry.leader else []
        deputies = [self.leaders[comparable(name)] for name in entry.deputies]
        if "leader" not in self.columns:
            leader = had[:1]
        if "deputies" not in self.columns:
            deputies = had[1:]
        return list(dict.fromkeys([*leader, *deputies]))


def columns(row: Any) -> Row:
    """A row's columns by name."""
    return dict(row._asdict())


_COLUMN = {"name": "group", "account_id": "account", "branch_id": "branch"}
