"""Every command is documented with its example and its options, and keeps the manners all of them share."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from app.cli import COMMANDS, compose
from app.core.settings import ROOT

EVERYWHERE = {"--json", "--help"}
OF_THE_API = {"--url", "--key"}
PROMISED = """
up api worker migrate demo simulate import export doctor
campaign new, campaign preflight, campaign launch, campaign pause, campaign resume, campaign cancel, campaign watch,
campaign missed, scripts sync, scripts list, scripts preview, keys create, keys list, keys revoke
"""


def leaves(command: Any, path: tuple[str, ...] = ("muster",)) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(path), command
        return
    for name, child in children.items():
        yield from leaves(child, (*path, name))


TREE = dict(leaves(typer.main.get_command(compose())))
PAGE = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(.+?)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def options(command: Any) -> set[str]:
    return {word for parameter in command.params for word in parameter.opts if word.startswith("--")}


def test_the_page_lists_exactly_the_commands_there_are() -> None:
    assert list(SECTIONS) == list(TREE)


def test_every_promised_command_exists() -> None:
    plain, grouped = PROMISED.strip().split("\n", 1)
    promised = {f"muster {name.strip()}" for name in [*plain.split(), *grouped.replace("\n", " ").split(",")]}
    assert promised <= set(TREE)


@pytest.mark.parametrize("name", TREE)
def test_help_and_page_give_the_same_example(name: str) -> None:
    words = " ".join((TREE[name].help or "").split())
    _, found, example = words.partition(" Example: ")
    assert found, f"{name} --help shows no example"
    assert example.startswith(name)
    assert f"```sh\n{example}\n```" in SECTIONS[name]


@pytest.mark.parametrize("name", TREE)
def test_the_page_lists_exactly_the_options_of_its_own(name: str) -> None:
    listed = set(re.findall(r"^- `(--[\w-]+)`", SECTIONS[name], re.MULTILINE))
    assert listed == options(TREE[name]) - EVERYWHERE - OF_THE_API
    assert SECTIONS[name].lstrip().startswith("*API.*") == (options(TREE[name]) >= OF_THE_API)


@pytest.mark.parametrize("name", TREE)
def test_every_command_answers_programs(name: str) -> None:
    assert "--json" in options(TREE[name])


def test_the_list_of_commands_is_shown_without_loading_them() -> None:
    """`muster --help` is typed often: neither the database's libraries nor those of the web may be loaded for it."""
    script = (
        "import sys; from app.cli import compose; compose('--help');"
        "print(sorted({'sqlalchemy', 'fastapi', 'httpx', 'alembic', 'arq'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_short_list_names_every_command() -> None:
    shown = typer.main.get_command(compose("none of them"))
    assert set(shown.commands) == {entry.name for entry in COMMANDS}  # type: ignore[attr-defined]
