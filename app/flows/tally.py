"""Tally: what was seen while a plan went by, counted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.cascade.rules import Place
from app.domain.planning.rules import Planned, Problem, Size

EXAMPLES = 5


@dataclass
class Survey:
    """What was seen, group by group; small however large the audience. Of a campaign that is
    `pictured`, `calling` everyone or `pinning`, `bare`, `uncalled` and `unpinned` count the groups, by platform, where
    an account cannot."""

    groups: int = 0
    sound: int = 0
    held: int = 0
    parts: Counter[int] = field(default_factory=Counter)
    zoneless: int = 0
    leaders: Counter[str] = field(default_factory=Counter)
    owners: Counter[str] = field(default_factory=Counter)
    passed_over: dict[Problem, list[str]] = field(default_factory=dict)
    asked: dict[Place, datetime] = field(default_factory=dict)
    places: Counter[Place] = field(default_factory=Counter)
    problems: Counter[Problem] = field(default_factory=Counter)
    names: dict[Problem, list[str]] = field(default_factory=dict)
    longest: dict[tuple[str, Size], int] = field(default_factory=dict)
    ends_at: datetime | None = None
    pictured: bool = False
    calling: bool = False
    pinning: bool = False
    bare: Counter[str] = field(default_factory=Counter)
    uncalled: Counter[str] = field(default_factory=Counter)
    unpinned: Counter[str] = field(default_factory=Counter)

    def see(self, one: Planned, *, zone: str | None) -> None:
        self.groups += 1
        self.held += one.held
        self.zoneless += not (one.target.timezone or zone)
        if one.problem:
            self.problems[one.problem] += 1
            seen = self.names.setdefault(one.problem, [])
            if len(seen) < EXAMPLES:
                seen.append(one.target.name)
            if one.size is not None:
                found = one.target.platform, one.size
                self.longest[found] = max(one.measured, self.longest.get(found, 0))
            return
        self.sound += 1
        if one.size is not None:
            self.bare[one.target.platform] += self.pictured and not one.pictured
            self.uncalled[one.target.platform] += self.calling and not one.size.calls_everyone
            self.unpinned[one.target.platform] += self.pinning and not one.size.pins
        texts = sum(1 for part in one.parts if part)
        if texts > 1:
            self.parts[texts] += 1
        if one.passed_over:
            self.passed_over.setdefault(one.passed_over, []).append(one.target.name)
        if one.route == "leader":
            (self.owners if one.asked_by else self.leaders)[one.target.leaders[0]] += 1
            if one.target.branch_id is not None:
                place = one.target.branch_id, one.target.leaders[0]
                self.asked[place] = min(one.starts_at, self.asked.get(place, one.starts_at))
                self.places[place] += 1
            self.ends_at = max(one.deadline_at, self.ends_at or one.deadline_at)
