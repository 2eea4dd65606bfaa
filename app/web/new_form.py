"""What is wrong with the form of a new campaign, beside which field, and the draft it asks for."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from app.core.markdown import Format
from app.core.text import Message, Name
from app.domain.campaigns.rules import Draft
from app.domain.campaigns.states import Cascade, Priority, Proof, RouteChoice
from app.domain.escalation.rules import Action, Series, Step, problem, spelled_out, stamp
from app.domain.quorum import rules as quorum
from app.domain.scripts.rules import Variable, Version, checked_value
from app.flows.draft import PAST
from app.web.moments import zone_of
from app.web.new_slip import Slip

LONGEST_MINUTES = 31 * 24 * 60
LONGEST_GAP_S = 86_400

Wrong = dict[str, str]
"""The phrase that says what is wrong, by the field it stands beside."""

_NAME, _MESSAGE = TypeAdapter[str](Name), TypeAdapter[str](Message)


def draft_of(slip: Slip, version: Version | None, now: datetime) -> tuple[Draft | None, Wrong]:
    """The draft the form asks for, or everything that is wrong with it."""
    wrong: Wrong = {}
    title = _text(_NAME, slip.title, wrong, "title")
    body = _text(_MESSAGE, slip.body.strip(), wrong, "body") if version is None else ""
    values = _values(version.variables, slip.values, wrong) if version else {}
    send_at = _moment(slip, now, wrong) if slip.when == "at" else None
    minutes = _number(slip.minutes, wrong, "minutes", least=1, most=LONGEST_MINUTES)
    window = _number(slip.window, wrong, "window", least=0, most=LONGEST_MINUTES)
    gaps = _gaps(slip, wrong)
    proof = _number(slip.proof, wrong, "proof", least=0, most=100)
    route = _choice(RouteChoice, slip.route, wrong, "route")
    priority = _choice(Priority, slip.priority, wrong, "priority")
    asks = _quorum(slip, wrong)
    wants = _choice(Format, slip.format, wrong, "format") if slip.format else None
    if slip.saved and slip.differs("branches", "tags", "groups", "exclude"):
        wrong["saved"] = "wrong_saved_or_lists"
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
            window_minutes=window,
            relay_minutes=minutes,
            min_gap_s=gaps[0],
            max_gap_s=gaps[1],
            escalation=stamp(steps),
            drill=False,
            needs_approval=slip.approval,
            cascade=Cascade.TIER_BY_TIER if slip.cascade else Cascade.AT_ONCE,
            quorum=quorum.stamp(asks),
            mention_all=slip.mention_all,
            pin=slip.pin,
            split=not slip.whole,
            format=Format(wants) if wants else None,
            picture_id=slip.picture or None,
            proof=Proof.CODE if slip.code else Proof.WORDS,
            proof_percent=round(proof) or (100 if slip.code else 0),
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


def _choice(kind: type[StrEnum], given: str, wrong: Wrong, name: str) -> str:
    if given not in set(kind):
        wrong[name] = "wrong_choice"
    return given


def _number(given: str, wrong: Wrong, name: str, *, least: float, most: float) -> float:
    try:
        number = float(given)
    except ValueError:
        number = -1
    if not least <= number <= most or (name == "proof" and number != round(number)):
        wrong[name] = f"wrong_{name}"
    return number


def _gaps(slip: Slip, wrong: Wrong) -> tuple[float, float]:
    """The pauses between two posts of one account, the shortest and the longest."""
    least = _number(slip.min_gap, wrong, "min_gap", least=0, most=LONGEST_GAP_S)
    most = _number(slip.max_gap, wrong, "max_gap", least=0, most=LONGEST_GAP_S)
    if not {"min_gap", "max_gap"} & set(wrong) and least > most:
        wrong["max_gap"] = "wrong_gap_order"
    return least, most


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
