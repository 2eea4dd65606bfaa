"""What a script is made of: parsing its file, the agreement of texts and variables, the checking of values."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from app.core import filling, forms, frontmatter
from app.core.errors import FieldError, Invalid
from app.core.forms import Slug, complaint, written
from app.core.markdown import Format
from app.core.text import Line, Message, Name, allowed
from app.domain.scripts.states import Kind, Origin

MOST_VALUE = 1_000


VariableName = Annotated[
    str,
    StringConstraints(max_length=64),
    written(filling.NAME, "A variable's name is a letter, then letters, digits or underscores."),
]
TextKey = Annotated[
    str,
    written(
        "([a-z]{2,3})?(/[a-z][a-z0-9_]{1,31})?",
        "A text is for a language (zh), a language on a platform (zh/wecom), a platform (/wecom) or everybody.",
    ),
]
Body = Annotated[Message, AfterValidator(str.strip), StringConstraints(min_length=1)]


@dataclass(frozen=True)
class Variable:
    """One declared variable. `example` maps a language to an example, `""` standing for every language; one that has
    no `default` must be given a value."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: VariableName
    description: Line
    example: dict[TextKey, str]
    type: Kind = Kind.TEXT
    default: str | None = None
    choices: tuple[Name, ...] = ()

    def example_in(self, language: str) -> str:
        """The example a reader of this language understands."""
        return filling.pick(self.example, language=language, platform="")


@dataclass(frozen=True)
class Content:
    """What a version says. `texts` maps `""`, `zh`, `zh/wecom` or `/wecom` to an unfilled body (see `filling.pick`)."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    slug: Slug
    title: Name
    category: Name
    texts: dict[TextKey, Body]
    variables: Annotated[tuple[Variable, ...], Field(max_length=50)] = ()
    format: Format = Format.PLAIN

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({key.partition("/")[0] for key in self.texts} - {""}))

    @property
    def digest(self) -> str:
        """The same for the same content, whatever file or call it came in."""
        said = {name: value for name, value in asdict(self).items() if value is not Format.PLAIN}  # as it always was
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """One immutable version of a script."""

    id: str
    script_id: str
    version: int
    origin: Origin
    created_at: datetime
    content: Content

    @property
    def texts(self) -> Mapping[str, str]:
        return self.content.texts

    @property
    def variables(self) -> tuple[Variable, ...]:
        return self.content.variables


@dataclass(frozen=True)
class ScriptSource:
    """A script's file, read: its name (the stem is the slug) and its whole text."""

    name: str
    text: str


_content: TypeAdapter[Content] = TypeAdapter(Content)


def content(given: Mapping[str, object]) -> Content:
    """The content described by plain strings, lists and dicts, as they come from a file or a request. An `example` may
    be one string. Raises Invalid with pointers such as `/variables/0/type` and `/texts/zh~1wecom`."""
    try:
        found = _content.validate_python({**given, "variables": _with_examples(given.get("variables", []))})
    except ValidationError as error:
        raise _invalid([FieldError(_pointer(item["loc"]), complaint(item)) for item in error.errors()]) from None
    problems = [*_text_problems(found), *_variable_problems(found)]
    if problems:
        raise _invalid(problems)
    return found


def parse(source: ScriptSource) -> Content:
    """The content of a file. Raises Invalid; each error's message begins with the file and the line."""
    try:
        prepared = frontmatter.read(source.text)
    except frontmatter.Unreadable as error:
        raise _invalid([_in_file(source, error.line, error.sentence)]) from error
    lines = {f"/texts/{frontmatter.step(section.name)}": section.line for section in prepared.sections}
    texts = {section.name: section.body for section in prepared.sections}
    below = {"slug": PurePath(source.name).stem, "texts": texts}
    try:
        for name in below.keys() & prepared.front.keys():
            raise Invalid.field(f"/{name}", f"`{name}` is not a known field.")
        return content({**prepared.front, **below})
    except Invalid as error:
        found = [(lines.get(one.pointer) or prepared.line_of(one.pointer), one.message) for one in error.errors]
        raise _invalid([_in_file(source, line, message) for line, message in sorted(found)]) from None


def check_values(
    declarations: Sequence[Variable], values: Mapping[str, str], *, at: str = "/script/variables"
) -> dict[str, str]:
    """A value for every declared variable, in its normal form, defaults filled in. Raises Invalid naming every value
    that is missing, unknown or not of its type; `at` is the pointer of `values` in the request."""
    known = {variable.name: variable for variable in declarations}
    filled: dict[str, str] = {}
    problems = [
        FieldError(f"{at}/{frontmatter.step(name)}", f"This script has no variable named {name}.")
        for name in values
        if name not in known
    ]
    for name, variable in known.items():
        given = values.get(name, variable.default)
        try:
            filled[name] = checked_value(variable, given)
        except ValueError as error:
            problems.append(FieldError(f"{at}/{frontmatter.step(name)}", str(error)))
    if problems:
        raise _invalid(problems)
    return filled


def checked_value(variable: Variable, given: str | None) -> str:
    """The value in its normal form. Raises ValueError with a sentence."""
    if given is None or not given.strip():
        raise ValueError(f"{variable.name} needs a value: {variable.description or variable.type}.")
    value = allowed(given).strip()
    if len(value) > MOST_VALUE:
        raise ValueError(f"{variable.name} may be at most {MOST_VALUE} characters long.")
    if variable.type is Kind.CHOICE and value not in variable.choices:
        raise ValueError(f"{variable.name} must be one of: {', '.join(variable.choices)}.")
    expected = _FORMS.get(variable.type)
    if expected and not expected[0](value):
        raise ValueError(f"{variable.name} must be {expected[1]}.")
    return value


_FORMS: Mapping[Kind, tuple[Callable[[str], bool], str]] = {
    Kind.NUMBER: (forms.is_number, "a number such as 12 or 12.5"),
    Kind.DATE: (forms.is_date, "a date such as 2026-03-06"),
    Kind.TIME: (forms.is_time, "a time such as 20:00"),
    Kind.URL: (forms.is_url, "a web address that begins with http:// or https://"),
}


def _text_problems(found: Content) -> Iterator[FieldError]:
    if not found.texts:
        yield FieldError("/texts", "A script needs at least one text.")
    for key in found.texts:
        language, _, platform = key.partition("/")
        if platform and language not in found.texts and "" not in found.texts:
            wanted = f"`{language}`" if language else "everybody"
            yield FieldError(f"/texts/{frontmatter.step(key)}", f"There is a text for `{key}`, but none for {wanted}.")
    declared = {variable.name for variable in found.variables}
    for key, body in found.texts.items():
        for name in sorted(filling.names(body) - declared):
            yield FieldError(f"/texts/{frontmatter.step(key)}", f"The text uses {{{name}}}, which is not declared.")


def _variable_problems(found: Content) -> Iterator[FieldError]:
    used = frozenset[str]().union(*(filling.names(body) for body in found.texts.values()))
    names = [variable.name for variable in found.variables]
    for number, variable in enumerate(found.variables):
        here = f"/variables/{number}"
        if variable.name in names[:number]:
            yield FieldError(f"{here}/name", f"{variable.name} is declared twice.")
        if variable.name not in used:
            yield FieldError(f"{here}/name", f"{variable.name} is declared, but no text uses {{{variable.name}}}.")
        if (variable.type is Kind.CHOICE) != (len(set(variable.choices)) > 1):
            yield FieldError(f"{here}/choices", "A choice needs at least two choices, and nothing else has any.")
        yield from _sample_problems(variable, here)


def _sample_problems(variable: Variable, here: str) -> Iterator[FieldError]:
    if not variable.example:
        yield FieldError(f"{here}/example", f"{variable.name} needs an example.")
    samples = [(f"{here}/example", value) for value in variable.example.values()]
    if variable.default is not None:
        samples.append((f"{here}/default", variable.default))
    for pointer, value in samples:
        try:
            checked_value(variable, value)
        except ValueError as error:
            yield FieldError(pointer, str(error))


def _with_examples(variables: object) -> object:
    if not isinstance(variables, list):
        return variables
    return [
        {**one, "example": {"": one["example"]}}
        if isinstance(one, dict) and isinstance(one.get("example"), str)
        else one
        for one in variables
    ]


def _pointer(location: Sequence[str | int]) -> str:
    return "".join(f"/{frontmatter.step(str(part))}" for part in location if part != "[key]")


def _in_file(source: ScriptSource, line: int, sentence: str) -> FieldError:
    return FieldError(f"/{frontmatter.step(source.name)}/{line}", f"{source.name}, line {line}: {sentence}")


def _invalid(problems: Sequence[FieldError]) -> Invalid:
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return Invalid("invalid_script", f"{problems[0].message}{more}", errors=problems)
