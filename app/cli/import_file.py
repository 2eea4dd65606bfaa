"""`muster import`: a directory sheet goes to the API; what it would change, or changed, comes back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.remote import ApiKey, ApiUrl, remote
from app.cli.terminal import AsJson, Failed, note, printable, show_json, show_table
from app.domain.directory.states import Vanished

SHOWN_ERRORS = 50
SHOWN_CHANGES = 20
CHANGES = (
    ("moved to another branch", "moved", "now"),
    ("renamed", "renamed", "now"),
    ("another leader", "leader_changed", "now"),
    ("not named by the sheet any more", "vanished", "branch"),
)


def import_file(
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV or XLSX file.")],
    save: Annotated[bool, typer.Option("--save", help="Save it; without this nothing changes.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Save the good rows although others are wrong.")] = False,
    vanished: Annotated[
        Vanished, typer.Option("--vanished", help="Of groups the sheet does not name: keep, dormant or archive them.")
    ] = Vanished.KEEP,
    url: ApiUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> None:
    """Read a directory sheet and show what it would create and update, which groups it moves, renames or gives another
    leader, and which it does not name any more; save it with --save.

    Example: muster import groups.xlsx --save
    """
    if partial and not save:
        raise typer.BadParameter("--partial says how to save; give --save with it.")
    fields = {"dry_run": "false" if save else "true", "partial": "true" if partial else "false"}
    fields["vanished"] = vanished.value
    with remote(url, key) as api, file.open("rb") as sheet:
        note(f"Reading {file.name} …")
        answer: dict[str, Any] = api.send_file("/imports", sheet, name=file.name, fields=fields)
    refused = bool(answer["errors"]) and not partial
    if as_json:
        show_json(answer)
    else:
        _show(answer, saved=save and not refused)
    if refused:
        raise Failed(
            "Nothing was saved: the rows above are wrong. Mend them, or save the others with --save --partial."
        )


def _show(answer: Mapping[str, Any], *, saved: bool) -> None:
    if answer["errors"]:
        head = ("row", "column", "code", "message")
        shown = answer["errors"][:SHOWN_ERRORS]
        show_table(head, [[each.get(name) for name in head] for each in shown])
        if len(answer["errors"]) > SHOWN_ERRORS:
            print(f"… and {len(answer['errors']) - SHOWN_ERRORS} more errors; --json shows them all.")
        print()
    verbs = ("created", "updated", "unchanged") if saved else ("to create", "to update", "unchanged")
    for verb, name in zip(verbs, ("create", "update", "unchanged"), strict=True):
        print(f"{verb}: {printable(answer[name])}")
    for title, name, now in CHANGES:
        _show_changes(answer, title=title, name=name, now=now)
    if not saved and not answer["errors"]:
        print("Nothing is saved yet; run it again with --save.")


def _show_changes(answer: Mapping[str, Any], *, title: str, name: str, now: str) -> None:
    changes = answer[name]
    if not changes:
        return
    print(f"\n{title}: {printable(answer[f'{name}_count'])}")
    show_table(("group", "was", now), [[each["group"], each["was"], each[now]] for each in changes[:SHOWN_CHANGES]])
    if len(changes) > SHOWN_CHANGES:
        print(f"… and {answer[f'{name}_count'] - SHOWN_CHANGES} more; --json shows a thousand.")
