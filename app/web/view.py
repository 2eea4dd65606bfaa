"""The relay page in words: what a report says, made ready to be shown in one language."""

from dataclasses import dataclass
from datetime import tzinfo
from math import ceil
from unicodedata import east_asian_width

from app.domain.escalation.rules import Action
from app.domain.relays.rules import HIDDEN, coded
from app.domain.relays.states import State
from app.flows.hear import HANDED_OVER
from app.reports.relay_page import Entry, RelayPage
from app.web import moments
from app.web.tongues import say, say_or
from app.web.words import Tongue

REASONS = ("travelling", "not_in_group", "group_dissolved", "text_wrong")
_OPEN_AT_FIRST = 3
_LINE = 34  # half-width letters in a line of the text box on a 375 px phone
_MOST_LINES = 9


@dataclass(frozen=True)
class Card:
    """One group as shown. `look` is its state as one word for style and symbol; `due` only where it is its own.
    `shown` is when he handed in the newest picture of it. In `text` dots stand for the `code`, which is to be read in
    the group."""

    id: str
    group: str
    platform: str
    text: str
    lines: int
    look: str
    state: str
    reason: str
    due: str
    unfolded: bool
    may_acknowledge: bool
    may_confirm: bool
    wants_proof: bool
    code: str
    chat: str | None
    tries_spent: bool
    in_task: bool
    may_show: bool
    shown: str


@dataclass(frozen=True)
class View:
    """The page as shown. `notice` is what the last press did, read back from the ledger, never from the address;
    `unfolds` the settled groups where it was about one of them with a picture."""

    center: str
    title: str
    leader: str
    mood: str
    done: int
    total: int
    due: str
    due_more: str
    overdue: bool
    next: tuple[str, ...]
    notice: str
    picture: bool
    waiting: tuple[Card, ...]
    settled: tuple[Card, ...]
    unfolds: bool


def view(page: RelayPage, tongue: Tongue, said: str | None) -> View:
    waiting = [] if page.called_off else [entry for entry in page.entries if entry.waiting]
    settled = [entry for entry in page.entries if entry not in waiting]
    ahead = [entry for entry in waiting if entry.deadline_at > page.at]
    first = min(ahead or waiting, key=lambda entry: entry.deadline_at, default=None)
    mood = _mood(page, waiting)
    unfolded = len(waiting) if len(waiting) <= _OPEN_AT_FIRST else 1
    return View(
        center=page.center,
        title=page.title,
        leader=page.leader,
        mood=mood,
        done=sum(entry.state is State.RELAYED for entry in page.entries),
        total=len(page.entries),
        due=_due(page, first, tongue) if first else "",
        due_more=_due_more(page, first, tongue) if first else "",
        overdue=first is not None and first.deadline_at <= page.at,
        next=_next(page, first, tongue) if first else (),
        notice=_notice(page, said, tongue) if mood != "finished" else "",
        picture=bool(waiting) and page.picture_id is not None,
        waiting=tuple(
            _card(page, entry, tongue, unfolded=place < unfolded, first=first) for place, entry in enumerate(waiting)
        ),
        settled=tuple(_card(page, entry, tongue) for entry in settled),
        unfolds=mood == "passed_on" or any(entry.id == said and entry.shown_at for entry in settled),
    )


def _mood(page: RelayPage, waiting: list[Entry]) -> str:
    """The page's one message: something waits, all is done, all is answered, others are on it, called off, or nothing
    was asked."""
    if page.called_off:
        return "cancelled"
    if waiting:
        return "waiting"
    if not page.entries:
        return "nothing"
    left = [entry for entry in page.entries if entry.state is not State.RELAYED]
    if left and all(entry.passed for entry in left):
        return "passed_on"
    return "answered" if left else "finished"


def _zone(page: RelayPage, entry: Entry) -> tzinfo:
    return moments.zone_of(entry.timezone, page.timezone)


def _due(page: RelayPage, entry: Entry, tongue: Tongue) -> str:
    return moments.spoken(entry.deadline_at, now=page.at, zone=_zone(page, entry), tongue=tongue)


def _due_more(page: RelayPage, entry: Entry, tongue: Tongue) -> str:
    """The zone's name and, while there is any, the time left."""
    more = [moments.zone_name(_zone(page, entry), entry.deadline_at, tongue)]
    if entry.deadline_at > page.at:
        more.append(say(tongue, "left", span=moments.span(entry.deadline_at - page.at, tongue)))
    return " · ".join(more)


def _next(page: RelayPage, first: Entry, tongue: Tongue) -> tuple[str, ...]:
    """What happens if nothing is confirmed: the first of each kind of step, and that the head sees it."""
    if first.deadline_at <= page.at:
        return (say(tongue, "next_late", center=page.center),)
    said: dict[str, str] = {}
    for at, action in first.ahead:
        if action is Action.REMIND and not page.reachable:
            continue
        when = moments.spoken(at, now=page.at, zone=_zone(page, first), tongue=tongue)
        said.setdefault(f"next_{action.value}", say(tongue, f"next_{action.value}", when=when, center=page.center))
    return (*said.values(), say(tongue, "next_missed", center=page.center))


def _notice(page: RelayPage, said: str | None, tongue: Tongue) -> str:
    """What the ledger now says about the relay the last press was about."""
    for entry in page.entries:
        if entry.id == said and (entry.passed or entry.state not in (State.ASSIGNED, State.CANCELLED)):
            return say(tongue, f"said_{_look(entry)}", group=entry.group, center=page.center)
    return ""


def _look(entry: Entry) -> str:
    if entry.passed or (entry.state is State.FAILED and entry.reason == HANDED_OVER):
        return "passed"
    return "relayed_late" if entry.state is State.RELAYED and entry.late else entry.state.value


def _reason(entry: Entry, tongue: Tongue) -> str:
    if entry.state is not State.RELAYED and entry.bot:
        return say(tongue, "passed_bot")
    if entry.passed and entry.now:
        return say(tongue, "passed_now", name=entry.now)
    return say_or(tongue, f"reason_{entry.reason}", entry.reason) if entry.state is State.FAILED else ""


def _card(page: RelayPage, entry: Entry, tongue: Tongue, *, unfolded: bool = False, first: Entry | None = None) -> Card:
    own_due = first is not None and page.at < entry.deadline_at != first.deadline_at
    return Card(
        id=entry.id,
        group=entry.group,
        platform=say_or(tongue, f"platform_{entry.platform}", say(tongue, "platform_other")),
        text=coded(entry.words, HIDDEN) if entry.code else entry.words,
        lines=_lines(entry.text),
        look=_look(entry),
        state=say(tongue, f"state_{_look(entry)}"),
        reason=_reason(entry, tongue),
        due=_due(page, entry, tongue) if own_due else "",
        unfolded=unfolded,
        may_acknowledge=entry.state is State.ASSIGNED,
        wants_proof=entry.wants_proof,
        code=entry.code,
        chat=entry.chat,
        tries_spent=entry.tries_spent,
        in_task=entry.in_task,
        may_show=entry.may_show and not page.called_off,
        shown=_shown(page, entry, tongue),
        may_confirm=(entry.state is State.FAILED or entry.passed) and _open_to_a_word(page, entry),
    )


def _shown(page: RelayPage, entry: Entry, tongue: Tongue) -> str:
    if entry.shown_at is None:
        return ""
    when = moments.spoken(entry.shown_at, now=page.at, zone=_zone(page, entry), tongue=tongue)
    return say(tongue, "picture_shown", when=when)


def _open_to_a_word(page: RelayPage, entry: Entry) -> bool:
    """A post that is under way, or whose outcome nobody knows, is not a leader's to settle."""
    return not page.called_off and entry.state not in (State.POSTING, State.UNCERTAIN, State.CANCELLED)


def _lines(text: str) -> int:
    """How many lines of the box this text fills, within bounds."""
    full = sum(
        max(1, ceil(sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) / _LINE))
        for line in text.split("\n")
    )
    return min(_MOST_LINES, max(2, full))
