"""muster, the command line: which commands there are, and where each of them lives."""

import importlib
import os
import sys
from dataclasses import dataclass

import typer

from app.cli.terminal import Failed
from app.core.errors import AppError

FAILED = 1


@dataclass(frozen=True)
class Entry:
    """One command or group of commands. `place` is `module:name` of a function or a typer.Typer, imported only when
    it is called for, so that `muster --help` stays quick."""

    name: str
    place: str
    panel: str
    help: str

    def load(self) -> object:
        module, _, name = self.place.partition(":")
        return getattr(importlib.import_module(module), name)


COMMANDS = (
    Entry("up", "app.cli.up:up", "Run", "Run everything embedded: API, worker and Redis, until Ctrl-C."),
    Entry("api", "app.cli.up:api", "Run", "Run the API alone."),
    Entry("worker", "app.cli.up:worker", "Run", "Run one worker alone."),
    Entry("migrate", "app.cli.up:migrate", "Run", "Bring the database's schema up to date."),
    Entry("simulate", "app.cli.simulate:simulate", "Run", "Run the practice platform on loopback."),
    Entry("demo", "app.cli.demo:demo", "Run", "The whole story on this machine, with practice platforms."),
    Entry("campaign", "app.cli.campaign:app", "Work", "Write, launch, watch and stop campaigns; who missed one."),
    Entry("import", "app.cli.import_file:import_file", "Work", "Read a directory sheet; a dry run until --save."),
    Entry("export", "app.cli.export:export", "Work", "Write the directory as a sheet, without secrets."),
    Entry("scripts", "app.cli.scripts:app", "Work", "Sync, list and preview the prepared messages."),
    Entry("keys", "app.cli.keys:app", "Keep", "Create, list and revoke API keys."),
    Entry("restored", "app.cli.restored:restored", "Keep", "Hold everything: this database came from a backup."),
    Entry("doctor", "app.cli.doctor:doctor", "Keep", "Check settings, database, schema, Redis, secrets and clock."),
)


def compose(only: str | None = None) -> typer.Typer:
    """The whole program, or with `only` one command of it beside the bare names of the others."""
    program = typer.Typer(
        name="muster",
        help="Muster: one campaign, every group, one truthful ledger.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    program.callback()(_root)
    for entry in COMMANDS:
        loaded = entry.load() if only in {None, entry.name} else _nothing
        if isinstance(loaded, typer.Typer):
            program.add_typer(loaded, name=entry.name, help=entry.help, rich_help_panel=entry.panel)
        elif callable(loaded):
            help_text = entry.help if loaded is _nothing else None
            program.command(entry.name, help=help_text, rich_help_panel=entry.panel)(loaded)
    return program


def main() -> None:
    """Run the command named on the command line. Exit codes: 0 ok, 1 failed, 2 wrong usage."""
    named = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        compose(named)()
    except (AppError, Failed) as error:
        print(f"muster: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def _root() -> None:
    """Muster: one campaign, every group, one truthful ledger."""


def _nothing() -> None:
    """Stands in the help for a command that is not called for now."""
