"""The way around: every page the navigation leads to, in its order, for those who may see it."""

from dataclasses import dataclass

from app.domain.access.rules import Caller
from app.domain.access.states import Duty


@dataclass(frozen=True)
class Entry:
    """`name` is both the phrase `nav_…` and what a page calls itself to be marked as the current one."""

    name: str
    path: str
    duty: Duty = Duty.READ


ENTRIES = (
    Entry("today", "/"),
    Entry("campaigns", "/campaigns"),
    Entry("calendar", "/calendar"),
    Entry("new", "/campaigns/new", Duty.OPERATE),
    Entry("groups", "/groups"),
    Entry("leaders", "/leaders"),
    Entry("tree", "/tree"),
    Entry("scripts", "/scripts"),
    Entry("accounts", "/accounts"),
    Entry("audit", "/audit", Duty.OWN),
    Entry("settings", "/settings", Duty.OWN),
)


def entries(caller: Caller) -> list[Entry]:
    return [entry for entry in ENTRIES if caller.may(entry.duty)]
