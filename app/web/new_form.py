"""The form of a new campaign: what was written into it, what is wrong with it beside which field, and the draft it
asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from app.core import ids
from app.core.text import Message, Name
from app.domain.campaigns import rules
from app.domain.campaigns.rules import Audience, Draft
from app.domain.campaigns.states import Cascade, Priority, RouteChoice
from app.domain.escalation.rules import DEFAULT, INCIDENT, Action, Series, Step, problem, spelled_out, stamp
from app.domain.quorum import rules as quorum
from app.domain.scripts.rules import Variable, Version, checked_value
from app.flows.draft import PAST
from app.web.moments import zone_of

STEPS = 5
"""Rows for chosen steps."""
LONGEST_MINUTES = 31 * 24 * 60

Wrong = dict[str, str]
"""The phrase that says what is wrong, by the field it stands beside."""

_NAME, _MESSAGE = TypeAdapter[str](Name), TypeAdapter[str](Message)


@dataclass(frozen=True)
class Slip:
    """The form as it was filled in, every field still as written. Without a `script`, `body` is the text."""

    key: str
    zone: str
    title: str = ""
    script: str = ""
    body: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    when: str = "now"
    send_at: str = ""
    route: str = "auto"
    minutes: str = "120"
    priority: str = "normal"
    policy: str = "usual"
    steps: tuple[tuple[str, str], ...] = (("", ""),) * STEPS
    approval: bool = False
    cascade: bool = False
    quorum: str = ""
    quorum_at: str = "80"

    def audience(self) -> Audience:
        return Audience(branches=self.branches, tags=self.tags)

    @property
    def usual(self) -> tuple[Step, ...]:
        """What is done about silence where nothing else is chosen."""
        return INCIDENT if self.priority == Priority.INCIDENT else DEFAULT


def slip_of(form: FormData, zone: tzinfo) -> Slip:
    def one(name: str, otherwise: str = "") -> str:
        found = form.get(name)
        return found if isinstance(found, str) else otherwise

    def many(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for each in form.getlist(name) if isinstance(each, str)))[:1_000]

    key = one("key")
    plain = ("title", "script", "body", "send_at", "quorum")
    chosen = {"when": "now", "route": "auto", "minutes": "120", "priority": "normal", "policy": "usual"}
    return Slip(
        key=key if 1 <= len(key) <= 64 and key.isascii() and key.isprintable() and " " not in key else ids.new("new"),
        zone=str(zone_of(one("zone"), str(zone))),
        values={name.removeprefix("var_"): one(name) for name in form if name.startswith("var_")},
        branches=many("branches"),
        tags=many("tags"),
        steps=tuple((one(f"percent_{row}"), one(f"action_{row}")) for row in range(STEPS)),
        approval=one("approval") == "on",
        cascade=one("cascade") == "on",
        quorum_at=one("quorum_at", "80"),
        **{name: one(name) for name in plain},
        **{name: one(name, usual) for name, usual in chosen.items()},
    )


def draft_of(slip: Slip, version: Version | None, now: datetime) -> tuple[Draft | None, Wrong]:
    """The draft the form asks for, or everything that is wrong with it."""
    wrong: Wrong = {}
    title = _text(_NAME, slip.title, wrong, "title")
    body = _text(_MESSAGE, slip.body.strip(), wrong, "body") if version is None else ""
    values = _values(version.variables, slip.values, wrong) if version else {}
    send_at = _moment(slip, now, wrong) if slip.when == "at" else None
    minutes = _minutes(slip.minutes, wrong)
    route, priority = (
        _choice(RouteChoice, slip.route, wrong, "route"),
        _choice(Priority, slip.priority, wrong, "priority"),
    )
    asks = _quorum(slip, wrong)
    steps = _steps(slip, wrong) if slip.policy == "own" else slip.usual
    if wrong:
        return None, wrong
    return (
        Draft(
            title=title,
            texts={} if version else {"": body},
            variables=values,
            script_slug=version.content.slug if version else None,
            script_version=version.version if version else None,
            audience=slip.audience(),
            route=RouteChoice(route),
            priority=Priority(priority),
            send_at=send_at,
            window_minutes=0,
            relay_minutes=minutes,
            min_gap_s=rules.MIN_GAP_S,
            max_gap_s=rules.MAX_GAP_S,
            escalation=stamp(steps),
            drill=False,
            needs_approval=slip.approval,
            cascade=Cascade.TIER_BY_TIER if slip.cascade else Cascade.AT_ONCE,
            quorum=quorum.stamp(asks),
        ),
        {},
    )


def valid_values(variables: tuple[Variable, ...], given: Mapping[str, str]) -> dict[str, str]:
    """Those values that can already be shown."""
    return _values(variables, given, {})


def _values(variables: tuple[Variable, ...], given: Mapping[str, str], wrong: Wrong) -> dict[str, str]:
    found: dict[str, str] = {}
    for variable in variables:
        value = given.get(variable.name, "").strip() or variable.default
        try:
            found[variable.name] = checked_value(variable, value)
        except ValueError:
            wrong[f"var_{variable.name}"] = f"wrong_{variable.type}" if value else "wrong_missing"
    return found


def _text(kind: TypeAdapter[str], given: str, wrong: Wrong, name: str) -> str:
    try:
        return kind.validate_python(given)
    except ValidationError:
        wrong[name] = f"wrong_{name}" if given.strip() else "wrong_missing"
        return ""


def _choice(kind: type[RouteChoice | Priority], given: str, wrong: Wrong, name: str) -> str:
    if given not in set(kind):
        wrong[name] = "wrong_choice"
    return given


def _minutes(given: str, wrong: Wrong) -> float:
    try:
        minutes = float(given)
    except ValueError:
        minutes = 0
    if not 1 <= minutes <= LONGEST_MINUTES:
        wrong["minutes"] = "wrong_minutes"
    return minutes


def _moment(slip: Slip, now: datetime, wrong: Wrong) -> datetime | None:
    """The moment on the clock of the form's zone. An hour that a change of clocks leaves out is no moment."""
    zone = zone_of(slip.zone)
    try:
        written = datetime.fromisoformat(slip.send_at).replace(tzinfo=None)
        moment = written.replace(tzinfo=zone).astimezone(now.tzinfo)
        exists = moment.astimezone(zone).replace(tzinfo=None) == written
    except (ValueError, OverflowError):
        wrong["send_at"] = "wrong_moment"
        return None
    if not exists:
        wrong["send_at"] = "wrong_moment"
    elif moment < now - PAST:
        wrong["send_at"] = "wrong_past"
    return moment


def _quorum(slip: Slip, wrong: Wrong) -> list[quorum.Ask]:
    """The one alarm of the form, where it is filled in: so many percent of the groups at so much of the time."""
    if not slip.quorum.strip():
        return []
    given = (slip.quorum.strip(), slip.quorum_at.strip())
    numbers = [int(one) if one.isascii() and one.isdecimal() and len(one) < 5 else 0 for one in given]
    if not 1 <= numbers[0] <= 100:
        wrong["quorum"] = "wrong_quorum"
    if not 1 <= numbers[1] <= quorum.LATEST_PERCENT:
        wrong["quorum_at"] = "wrong_percent"
    return [quorum.Ask(numbers[0], at_percent=numbers[1])]


def _steps(slip: Slip, wrong: Wrong) -> tuple[Step, ...]:
    rows = [(row, percent, action) for row, (percent, action) in enumerate(slip.steps) if action]
    series: list[Series] = []
    for row, percent, action in rows:
        number = int(percent) if percent.isascii() and percent.isdecimal() and len(percent) < 5 else 0
        known = action in set(Action)
        one = Series(number, Action(action) if known else Action.REMIND)
        if not known or number < 1 or problem([one]):
            wrong[f"percent_{row}"] = "wrong_bot" if action == Action.BOT and number >= 1 else "wrong_percent"
        series.append(one)
    return spelled_out(series)
