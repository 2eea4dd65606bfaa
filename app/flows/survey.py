"""Reads a whole sheet before anything is touched: every flaw, every group listed twice, every branch and leader named.

It runs in a thread of its own and asks no database. It remembers a few dozen bytes per row; the sound rows wait in
`spool`.
"""

import pickle
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from app.core.sheets import Sheet
from app.core.text import comparable
from app.domain.directory.rules import path_key
from app.domain.directory.rules.header import Flaw, Layout, read_header
from app.domain.directory.rules.sheet import Entry, read_row
from app.domain.directory.service.intake import Named
from app.flows.admission import DEFAULT, Admission

LISTED = 1_000
BATCH = 1_000

Admitted = tuple[Entry, str | None]


@dataclass(frozen=True)
class Repeat:
    """A row that names a group another row named before; the two make one group."""

    row: int
    into_row: int
    group: str


@dataclass
class Survey:
    """What was found in a sheet. `spool` is an empty file to write in and read from; `flaws` and `repeats` list the
    first thousand, the counts are whole."""

    admission: Admission
    spool: IO[bytes]
    layout: Layout = field(default_factory=lambda: Layout({}, {}))
    flaws: list[Flaw] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    flaw_count: int = 0
    rows: int = 0
    readable: bool = True
    paths: dict[str, str] = field(default_factory=dict)
    named: dict[str, Named] = field(default_factory=dict)
    defaults: set[str] = field(default_factory=set)
    _waiting: list[Admitted] = field(default_factory=list)
    _first: dict[bytes, int] = field(default_factory=dict)
    _later: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    _contact_rows: dict[str, int] = field(default_factory=dict)

    def read(self, sheet: Sheet) -> None:
        """Raises SheetRefused."""
        rows = sheet.rows()
        self.layout, flaws = read_header(next(rows, []))
        self.readable = not flaws
        self._note(flaws)
        for number, cells in enumerate(rows, 2) if self.readable else ():
            if any(cell and not cell.isspace() for cell in cells):
                self._row(number, cells)
        if self._waiting:
            self._lay_down()
        self._lay_down()  # an empty batch is the end

    def _row(self, number: int, cells: Sequence[str]) -> None:
        self.rows += 1
        entry, flaws = read_row(number, cells, layout=self.layout, platforms=self.admission.platforms)
        account_id: str | None = None
        if entry is not None:
            flaws = [*self._contact_flaws(entry)]
            if problem := self.admission.address_problem(entry.platform, entry.address):
                flaws.append(self.layout.flaw(number, "address", "bad_address", problem))
            try:
                account_id = self.admission.account(entry.platform, entry.account, entry.address, routes=entry.routes)
            except ValueError as error:
                flaws.append(self.layout.flaw(number, "account", "bad_account", str(error)))
        if flaws or entry is None:
            self._note(flaws)
            return
        if account_id == DEFAULT:
            self.defaults.add(entry.platform)
        self._keep(entry, account_id)

    def _contact_flaws(self, entry: Entry) -> Iterator[Flaw]:
        if entry.contact is None:
            return
        if problem := self.admission.contact_problem(entry.contact):
            yield self.layout.flaw(entry.row, "leader_contact", "bad_leader_contact", problem)
        known = self.named.get(comparable(entry.leader))
        if known is not None and known.contact not in {None, entry.contact}:
            row = self._contact_rows[comparable(entry.leader)]
            sentence = f"Row {row} gives {entry.leader} another contact; one leader has one contact."
            yield self.layout.flaw(entry.row, "leader_contact", "contact_differs", sentence)

    def _keep(self, entry: Entry, account_id: str | None) -> None:
        if entry.branch:
            self.paths.setdefault(path_key(entry.branch), entry.branch)
        for name in (entry.leader, *entry.deputies):
            if name:
                self.named.setdefault(comparable(name), Named(name))
        if entry.contact is not None and comparable(entry.leader) not in self._contact_rows:
            self.named[comparable(entry.leader)] = Named(entry.leader, entry.contact)
            self._contact_rows[comparable(entry.leader)] = entry.row
        first = self._first.setdefault(_mark(entry.platform, entry.key), entry.row)
        if first != entry.row:
            self._later[first].append(entry)
            if len(self.repeats) < LISTED:
                self.repeats.append(Repeat(entry.row, first, entry.name))
            return
        self._waiting.append((entry, account_id))
        if len(self._waiting) >= BATCH:
            self._lay_down()

    def _lay_down(self) -> None:
        pickle.dump(self._waiting, self.spool, pickle.HIGHEST_PROTOCOL)
        self._waiting = []

    def _note(self, flaws: Sequence[Flaw]) -> None:
        self.flaw_count += len(flaws)
        self.flaws += flaws[: max(0, LISTED - len(self.flaws))]

    def names(self, platform: str, key: str) -> bool:
        """Whether a sound row names the group at this address."""
        return _mark(platform, key) in self._first

    def batches(self) -> Iterator[list[Admitted]]:
        """The sound rows in their order, each group once with all that its rows say, and the id of its account."""
        self.spool.seek(0)
        while batch := pickle.load(self.spool):  # noqa: S301  our own file, and nobody else can open it
            yield [(self._whole(entry), account_id) for entry, account_id in batch]

    def _whole(self, entry: Entry) -> Entry:
        for other in self._later.get(entry.row, ()):
            entry = entry.merged(other)
        return entry


def _mark(platform: str, key: str) -> bytes:
    return bytes.fromhex(key)[:16] + platform.encode()
