"""Reads a whole sheet before anything is touched: every flaw, every group listed twice, every branch and leader named.

It runs in a thread of its own and asks no database; what it keeps is a few dozen bytes per row.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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
    """What was found in a sheet. `flaws` and `repeats` list the first thousand; the counts are whole."""

    admission: Admission
    layout: Layout = field(default_factory=lambda: Layout({}, {}))
    flaws: list[Flaw] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    flaw_count: int = 0
    rows: int = 0
    readable: bool = True
    paths: dict[str, str] = field(default_factory=dict)
    named: dict[str, Named] = field(default_factory=dict)
    defaults: set[str] = field(default_factory=set)
    _flawed: set[int] = field(default_factory=set)
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

    def _row(self, number: int, cells: Sequence[str]) -> None:
        self.rows += 1
        entry, flaws = read_row(number, cells, layout=self.layout, platforms=self.admission.platforms)
        account_id: str | None = None
        if entry is not None:
            flaws = [*self._contact_flaws(entry)]
            if problem := self.admission.address_problem(entry.platform, entry.address):
                flaws.append(self.layout.flaw(number, "address", "bad_address", problem))
            try:
                account_id = self.admission.account(entry.platform, entry.account, routes=entry.routes)
            except ValueError as error:
                flaws.append(self.layout.flaw(number, "account", "bad_account", str(error)))
        if flaws or entry is None:
            self._flawed.add(number)
            self._note(flaws)
            return
        if account_id == DEFAULT:
            self.defaults.add(entry.platform)
        self._keep(entry)

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

    def _keep(self, entry: Entry) -> None:
        if entry.branch:
            self.paths.setdefault(path_key(entry.branch), entry.branch)
        for name in (entry.leader, *entry.deputies):
            if name:
                self.named.setdefault(comparable(name), Named(name))
        if entry.contact is not None and comparable(entry.leader) not in self._contact_rows:
            self.named[comparable(entry.leader)] = Named(entry.leader, entry.contact)
            self._contact_rows[comparable(entry.leader)] = entry.row
        first = self._first.setdefault(bytes.fromhex(entry.key)[:16] + entry.platform.encode(), entry.row)
        if first != entry.row:
            self._later[first].append(entry)
            self._flawed.add(entry.row)
            if len(self.repeats) < LISTED:
                self.repeats.append(Repeat(entry.row, first, entry.name))

    def _note(self, flaws: Sequence[Flaw]) -> None:
        self.flaw_count += len(flaws)
        self.flaws += flaws[: max(0, LISTED - len(self.flaws))]

    def batches(self, sheet: Sheet) -> Iterator[list[Admitted]]:
        """The sound rows again, each group once with all that its rows say, and the id of its account."""
        batch: list[Admitted] = []
        rows = sheet.rows()
        next(rows, [])
        for number, cells in enumerate(rows, 2):
            if number in self._flawed:
                continue
            entry, _ = read_row(number, cells, layout=self.layout, platforms=self.admission.platforms)
            if entry is None or not any(cells):
                continue
            for other in self._later.get(number, ()):
                entry = entry.merged(other)
            batch.append((entry, self.admission.account(entry.platform, entry.account, routes=entry.routes)))
            if len(batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch
