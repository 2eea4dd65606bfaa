"""`muster campaign new`: what a draft is made of, from the words of a command line."""

import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.remote import ApiKey, ApiUrl, Remote, remote
from app.cli.terminal import AsJson, show_json

_QUORUM = re.compile(r"(?P<percent>\d{1,3})%?@(?:(?P<part>\d{1,4})%|(?P<at>[^@%]+))(?:@(?P<branch>.+))?")


def new(
    *,
    title: Annotated[str, typer.Option(help="What the head and the leaders see as its name.")],
    text: Annotated[str | None, typer.Option(help="The message itself.")] = None,
    text_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="… or the file it is in.")] = None,
    script: Annotated[str | None, typer.Option(help="… or a script of the library, by its slug.")] = None,
    picture: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A PNG or JPEG that goes with it, 2 MB at most.")
    ] = None,
    variable: Annotated[list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="For a script.")] = None,
    branch: Annotated[list[str] | None, typer.Option(help="A branch's id, with all below it; repeatable.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Groups with this tag; repeatable.")] = None,
    route: Annotated[str, typer.Option(help="auto, bot or leader.")] = "auto",
    relay_minutes: Annotated[float, typer.Option(help="How long leaders have.")] = 120,
    priority: Annotated[str, typer.Option(help="incident, normal or bulk.")] = "normal",
    cascade: Annotated[str, typer.Option(help="at-once, or tier-by-tier down the branches.")] = "at-once",
    quorum: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PERCENT@WHEN[@BRANCH]",
            help="An alarm unless so many percent of the groups have it by then: 90@80% of the time; repeatable.",
        ),
    ] = None,
    proof: Annotated[str | None, typer.Option(help="What shows that it was posted: code or words.")] = None,
    proof_percent: Annotated[int | None, typer.Option(help="… asked for in so many percent of the groups.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key makes the same campaign once.")] = None,
    url: ApiUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> None:
    """Write a draft. Nothing leaves before it is launched.

    Example: muster campaign new --title "Storm warning" --text "Please stay indoors." --relay-minutes 60
    """
    body: dict[str, Any] = {"title": title, "audience": {"branches": branch or [], "tags": tag or []}, "route": route}
    body |= {"relay_minutes": relay_minutes, "priority": priority, "cascade": cascade.replace("-", "_")}
    body |= _words(text, text_file, script, variable or [])
    body |= {name: value for name, value in (("proof", proof), ("proof_percent", proof_percent)) if value is not None}
    if quorum:
        body["quorum"] = list(map(_alarm, quorum))
    with remote(url, key) as api:
        if picture is not None:
            body["picture"] = _kept(api, picture)
        made = api.post("/campaigns", body, headers={"Idempotency-Key": idempotency_key or secrets.token_hex(16)})
    if as_json:
        show_json(made)
    else:
        print(f"Draft {made['id']}. Next: muster campaign preflight {made['id']}")


def _kept(api: Remote, picture: Path) -> str:
    """The id under which a picture is kept."""
    with picture.open("rb") as file:
        return str(api.send_file("/pictures", file, name=picture.name, fields={})["id"])


def _words(text: str | None, text_file: Path | None, script: str | None, given: Iterable[str]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    if script:
        words["script"] = {"slug": script, "variables": _variables(given)}
    elif given:
        raise typer.BadParameter("--var fills a script; give --script with it.")
    if text_file is not None:
        text = text_file.read_text(encoding="utf-8")
    if text is not None:
        words["body"] = text
    return words


def _variables(given: Iterable[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if any(not name or not sign for name, sign, _ in pairs):
        raise typer.BadParameter("Write --var NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _alarm(told: str) -> dict[str, Any]:
    """`90@80%`, `90@2026-12-01T18:00:00Z`, and either with `@` and a branch behind it."""
    found = _QUORUM.fullmatch(told.strip())
    if found is None:
        raise typer.BadParameter("Write --quorum 90@80%, or 90@2026-12-01T18:00:00Z; @BRANCH behind it for one branch.")
    alarm: dict[str, Any] = {"percent": int(found["percent"])}
    alarm |= {"at_percent": int(found["part"])} if found["part"] else {"at": found["at"].strip()}
    return {**alarm, "branch": found["branch"]} if found["branch"] else alarm
