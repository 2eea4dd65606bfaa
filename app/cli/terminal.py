"""How commands speak: results on standard output, progress on standard error, failures as one sentence."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import Annotated

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]

Advance = Callable[[int, int], None]
_PLAIN_STEPS = 10


class Failed(Exception):
    """A command could not do its work; the text is the sentence its caller reads. Ends with exit code 1."""


def show_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def show_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their widest cell, Chinese letters counted double; nothing is cut, nothing is coloured. On a
    terminal too narrow for them, each row is a paragraph of its own."""
    lines = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(head))]
    if sys.stdout.isatty() and sum(widths) + 2 * (len(widths) - 1) > get_terminal_size().columns:
        _show_paragraphs(lines)
        return
    for line in lines:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def _show_paragraphs(lines: Sequence[Sequence[str]]) -> None:
    """Each row below its first cell, every other cell that says something behind its column's name."""
    (_, *names), *rows = lines
    console = Console(highlight=False, markup=False, emoji=False)
    for first, *cells in rows:
        named = (f"{name}: {cell}" for name, cell in zip(names, cells, strict=True) if cell)
        console.print(first, Padding(Text(" · ".join(named)), (0, 0, 0, 2)), sep="\n")


def printable(value: object) -> str:
    """The text on one line, without control characters: names come from strangers and terminals obey escapes."""
    return "".join(letter if letter.isprintable() else " " for letter in ("" if value is None else str(value)))


def note(text: str) -> None:
    """A remark for the person watching, on standard error."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Yields `advance(done, total)`. A bar on a terminal; elsewhere a plain line for every tenth of the way."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def _plain(title: str) -> Advance:
    shown = -1

    def advance(done: int, total: int) -> None:
        nonlocal shown
        step = _PLAIN_STEPS if done >= total else done * _PLAIN_STEPS // total
        if step > shown:
            shown = step
            note(f"{title}: {done}/{total}")

    return advance
