"""What a run came to: counts, and a sentence for everything that is wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """Ways in which Muster can break its promise. Each is a count in the verdict, and each makes it red."""

    LOST = "lost"  # a group of the audience has no row, nothing that could reach it, or was given up without a cause
    DUPLICATES = "duplicates"  # a group or a leader got it twice, or a key made two campaigns
    SILENT = "silent"  # a group has not got it and nobody is told
    UNSURFACED = "uncertain_unsurfaced"  # nobody can know, and nobody was told in time
    VIOLATIONS = "violations"  # a platform's limit was broken
    STUCK = "stuck"  # something is open and nothing will move it
    SLOW = "slow"  # something was due and nothing stood in its way, and nobody said it for too long
    LATE = "late_after_stop"  # posted although it was paused, called off, or too late
    LIES = "lies"  # the ledger says something that is not so
    ERRORS = "errors"  # an answer no client may get, or a worker's exception nobody foresaw


@dataclass(frozen=True)
class Finding:
    fault: Fault
    says: str


@dataclass(frozen=True)
class Verdict:
    """`faults` are those that struck, by kind; `uncertain` how many deliveries ended so, `ended` how
    announcements did; `excused` how many broken limits nobody alive could have known of."""

    seed: int
    database: str
    groups: int
    campaigns: int
    faults: Mapping[str, int]
    uncertain: int
    ended: Mapping[str, int]
    posts: int
    recovery_s: Mapping[str, float]
    receipts_hash: str
    seconds: float
    findings: Sequence[Finding] = field(default_factory=tuple)
    excused: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings

    def count(self, fault: Fault) -> int:
        return sum(finding.fault is fault for finding in self.findings)

    def line(self) -> str:
        """One JSON object on one line."""
        rest = {name: value for name, value in asdict(self).items() if name != "findings"}
        return json.dumps({"ok": self.ok, **rest, **{fault.value: self.count(fault) for fault in Fault}})
