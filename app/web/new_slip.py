"""The form of a new campaign as it was filled in: every field still as written, so that nothing is lost when it comes
back to be mended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from starlette.datastructures import FormData

from app.core import ids
from app.domain.campaigns.rules import MAX_GAP_S, MIN_GAP_S, Audience
from app.domain.campaigns.states import Priority
from app.domain.escalation.rules import DEFAULT, INCIDENT, Step
from app.web.moments import zone_of

STEPS = 5
"""Rows for chosen steps."""
_PLAIN = ("title", "script", "body", "picture", "send_at", "saved", "find", "quorum")
_CHOSEN = {
    "when": "now",
    "route": "auto",
    "minutes": "120",
    "priority": "normal",
    "policy": "usual",
    "window": "0",
    "min_gap": f"{MIN_GAP_S:g}",
    "max_gap": f"{MAX_GAP_S:g}",
    "proof": "0",
    "format": "",
    "mode": "auto",
    "quorum_at": "80",
}
_TICKED = ("approval", "mention_all", "pin", "whole", "cascade", "code")


@dataclass(frozen=True)
class Slip:
    """Without a `script`, `body` is the text. `saved` is the id of a saved audience, `find` a part of the names of
    groups to be picked; `picture` the id of one that is kept; `whole`: never in parts; `mode` only for a correction."""

    key: str
    zone: str
    title: str = ""
    script: str = ""
    body: str = ""
    picture: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    saved: str = ""
    find: str = ""
    when: str = "now"
    send_at: str = ""
    window: str = "0"
    route: str = "auto"
    minutes: str = "120"
    priority: str = "normal"
    policy: str = "usual"
    steps: tuple[tuple[str, str], ...] = (("", ""),) * STEPS
    min_gap: str = _CHOSEN["min_gap"]
    max_gap: str = _CHOSEN["max_gap"]
    proof: str = "0"
    format: str = ""
    mode: str = "auto"
    approval: bool = False
    mention_all: bool = False
    pin: bool = False
    whole: bool = False
    cascade: bool = False
    code: bool = False
    quorum: str = ""
    quorum_at: str = "80"

    def audience(self) -> Audience:
        """The lists; what is meant by a saved audience stands in the directory."""
        return Audience(branches=self.branches, tags=self.tags, groups=self.groups, exclude=self.exclude)

    @property
    def usual(self) -> tuple[Step, ...]:
        """What is done about silence where nothing else is chosen."""
        return INCIDENT if self.priority == Priority.INCIDENT else DEFAULT

    def differs(self, *names: str) -> bool:
        """Whether one of these fields is not as it is on an empty form."""
        empty = Slip(key="", zone="")
        return any(getattr(self, name) != getattr(empty, name) for name in names)


def slip_of(form: FormData, zone: tzinfo) -> Slip:
    def one(name: str, otherwise: str = "") -> str:
        found = form.get(name)
        return found if isinstance(found, str) else otherwise

    def many(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for each in form.getlist(name) if isinstance(each, str)))[:1_000]

    key = one("key")
    told: dict[str, Any] = {name: many(name) for name in ("branches", "tags", "groups", "exclude")}
    told |= {name: one(name) for name in _PLAIN} | {name: one(name, usual) for name, usual in _CHOSEN.items()}
    told |= {name: one(name) == "on" for name in _TICKED}
    return Slip(
        key=key if 1 <= len(key) <= 64 and key.isascii() and key.isprintable() and " " not in key else ids.new("new"),
        zone=str(zone_of(one("zone"), str(zone))),
        values={name.removeprefix("var_"): one(name) for name in form if name.startswith("var_")},
        steps=tuple((one(f"percent_{row}"), one(f"action_{row}")) for row in range(STEPS)),
        **told,
    )
