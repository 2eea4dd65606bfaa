"""A form as it is shown: what stands in each field, and beside it what was wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from app.core.errors import AppError, Conflict, Invalid
from app.core.text import Name
from app.flows.line_up import line_up
from app.web.desk import FORM_TOKEN, Desk

WRONG = (Invalid, Conflict)
"""What sends a form back to whoever filled it in."""


@dataclass(frozen=True)
class Form:
    """`values` by field; `wrong` says what is wrong with a field in the reader's language, `exact` says it as the
    directory does; `general` is what belongs to no field."""

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)
    general: str = ""


def plain(text: object) -> str:
    """A stored value as it stands in a field."""
    return "" if text is None else str(text)


def again(desk: Desk, error: AppError, *, shown: Mapping[str, str] | None = None) -> Form:
    """The form as it was filled in, with what was wrong. `shown` names the field that holds what an error points at
    by another name."""
    names = shown or {}
    sent = {name: text for name, text in (desk.form or {}).items() if isinstance(text, str) and name != FORM_TOKEN}
    exact: dict[str, str] = {}
    for each in error.errors:
        first, _, rest = each.pointer.strip("/").partition("/")
        name = f"{first}.{rest}" if first == "secret" else first
        exact.setdefault(names.get(name, name), each.message)
    if isinstance(error, Conflict) and error.code in names:
        exact[names[error.code]] = error.sentence
    wrong = {name: _said(desk, error.code, name, sentence) for name, sentence in exact.items()}
    general = "" if exact else _said(desk, error.code, "form", error.sentence)
    return Form({name: text for name, text in sent.items() if not name.startswith("secret")}, wrong, exact, general)


class InLine(BaseModel):
    """Whoever is to stand at the end of the line of a group or a branch."""

    leader: Name


IN_LINE = {"leader_id": "leader", "already_assigned": "leader"}


async def lined_up(desk: Desk, *, group_id: str | None = None, branch_id: str | None = None) -> Form | None:
    """Put the one the form names at the end of the line; the form to be mended where that cannot be."""
    try:
        await line_up(desk.kit, desk.caller, desk.fields(InLine).leader, group_id=group_id, branch_id=branch_id)
    except WRONG as error:
        return again(desk, error, shown=IN_LINE)
    return None


def _said(desk: Desk, code: str, name: str, sentence: str) -> str:
    """In English the sentence itself is the best there is."""
    if desk.reader.tongue == "en":
        return sentence
    return desk.reader.say_or(f"oops_{code}", desk.reader.say_or(f"wrong_{name}", desk.reader.say("wrong_form")))
