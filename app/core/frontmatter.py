"""Reading a prepared file: YAML front matter between two `---` lines, then sections that begin with `## name`.

Every scalar is a string (BaseLoader: no `no` that turns false, no `10:30` that turns 630), every value knows its line,
aliases and doubled keys are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

FENCE = "---"
HEADING = "## "
MOST_DEPTH = 8  # 5,000 open brackets keep PyYAML busy for 7 s


class Unreadable(Exception):
    """The file cannot be taken apart; `line` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True)
class Section:
    """One `## name` and the text below it, without the blank lines around it. `line` is the heading's."""

    name: str
    line: int
    body: str


@dataclass(frozen=True)
class Prepared:
    """A file taken apart. `front` holds strings, lists and dicts; `lines` maps a JSON pointer into it to its line."""

    front: Mapping[str, object]
    sections: tuple[Section, ...]
    lines: Mapping[str, int] = field(repr=False)

    def line_of(self, pointer: str) -> int:
        """The line of this value, or of the nearest one that contains it."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def read(text: str) -> Prepared:
    """Take a file apart. Raises Unreadable."""
    rows = text.split("\n")
    if rows[0].rstrip() != FENCE:
        raise Unreadable(1, "The file must begin with a line of three dashes, `---`.")
    try:
        end = next(number for number, row in enumerate(rows[1:], start=1) if row.rstrip() == FENCE)
    except StopIteration:
        raise Unreadable(1, "The front matter is not closed by a second line of three dashes.") from None
    lines: dict[str, int] = {}
    front = _plain(_tree("\n".join(rows[1:end])), "", lines)
    if not isinstance(front, dict):
        raise Unreadable(2, "The front matter must be a list of `name: value` lines.")
    sections: dict[str, Section] = {}
    for section in _sections(rows, end + 1):
        if sections.setdefault(section.name, section) is not section:
            raise Unreadable(section.line, f"There are two sections named `{section.name}`.")
    return Prepared(front, tuple(sections.values()), lines)


def _tree(front: str) -> yaml.Node | None:
    depth = 0
    try:
        for event in yaml.parse(front, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable(_line(event), "Aliases (`*name`) are not allowed here.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise Unreadable(_line(event), f"Values may be nested {MOST_DEPTH} deep at most.")
        return yaml.compose(front, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise Unreadable(line + 2, f"The front matter is not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise Unreadable(2, "The front matter is not valid YAML.") from error


def _plain(node: yaml.Node | None, pointer: str, lines: dict[str, int]) -> object:
    """The node as strings, lists and dicts; front matter begins on line 2 of its file."""
    if node is None:
        return ""
    lines[pointer] = _line(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{pointer}/{number}", lines) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return str(node.value)
    found: dict[str, object] = {}
    for key, value in node.value:
        name, line = str(key.value), _line(key)
        if not isinstance(key, yaml.ScalarNode):
            raise Unreadable(line, "A name must be a single word.")
        if name in found:
            raise Unreadable(line, f"`{name}` is given twice.")
        here = f"{pointer}/{step(name)}"
        found[name] = _plain(value, here, lines)
        lines[here] = line
    return found


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 2 if node.start_mark else 2


def _sections(rows: list[str], start: int) -> Iterator[Section]:
    name, line, body = "", start + 1, list[str]()
    for number, row in enumerate(rows[start:], start=start + 1):
        if row.startswith(HEADING):
            if name or "".join(body).strip():
                yield Section(name, line, "\n".join(body).strip())
            name, line, body = row.removeprefix(HEADING).strip(), number, []
        else:
            body.append(row.rstrip())
    if name or "".join(body).strip():
        yield Section(name, line, "\n".join(body).strip())


def step(name: str) -> str:
    """One step of a JSON pointer, escaped (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
