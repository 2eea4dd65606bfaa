"""`muster campaign`: write one, look ahead, launch, watch, stop, and ask who missed it."""

import time
from typing import Annotated, Any

import typer

from app.cli import afterwards
from app.cli.new_campaign import new
from app.cli.remote import ApiKey, ApiUrl, Remote, remote
from app.cli.terminal import AsJson, Failed, note, printable, progress, show_json, show_table

app = typer.Typer(no_args_is_help=True)

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's id, cmp_….")]
POLL_S = 0.5

app.command()(new)


def _say(answer: Any, *, as_json: bool, sentence: str) -> None:
    if as_json:
        show_json(answer)
    else:
        print(sentence)


@app.command()
def preflight(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """What would happen: when each account posts first and last, what binds it, warnings and blockers.

    Example: muster campaign preflight cmp_0123
    """
    with remote(url, key) as api:
        seen = api.post(f"/campaigns/{campaign}/preflight")
    if as_json:
        show_json(seen)
        return
    print(f"{seen['groups']} groups; finished by {seen['finish_at'] or 'nobody knows when'}")
    if seen["lanes"]:
        head = ("account", "posts", "first_at", "last_at", "bound_by")
        show_table(head, [[lane[name] for name in head] for lane in seen["lanes"]])
    for kind in ("warnings", "blockers"):
        for finding in seen[kind]:
            names = f" ({', '.join(finding['examples'])})" if finding["examples"] else ""
            count = f" {finding['groups']} groups." if finding["groups"] else ""
            print(f"{kind[:-1]}: {printable(finding['message'])}{count}{printable(names)}")
    if seen["blockers"]:
        raise Failed("It cannot be launched as it is.")


@app.command()
def launch(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """Freeze the draft and begin.

    Example: muster campaign launch cmp_0123
    """
    _tell(campaign, "launch", url=url, key=key, as_json=as_json)


@app.command()
def pause(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """Nothing more leaves until it is resumed.

    Example: muster campaign pause cmp_0123
    """
    _tell(campaign, "pause", url=url, key=key, as_json=as_json)


@app.command()
def resume(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """Go on after a pause.

    Example: muster campaign resume cmp_0123
    """
    _tell(campaign, "resume", url=url, key=key, as_json=as_json)


@app.command()
def cancel(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """Call off what has not left yet.

    Example: muster campaign cancel cmp_0123
    """
    _tell(campaign, "cancel", url=url, key=key, as_json=as_json)


def _tell(campaign: str, verb: str, *, url: str | None, key: str | None, as_json: bool) -> None:
    with remote(url, key) as api:
        answer = api.post(f"/campaigns/{campaign}/{verb}")
    _say(answer, as_json=as_json, sentence=f"“{printable(answer['title'])}” is {answer['control']}.")


@app.command()
def watch(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """Follow a campaign until no group of it is open.

    Example: muster campaign watch cmp_0123
    """
    with remote(url, key) as api:
        seen = follow(api, campaign)
    counts = ", ".join(f"{number} {state}" for state, number in seen["counts"].items() if number)
    _say(seen, as_json=as_json, sentence=f"“{printable(seen['title'])}” is {seen['status']}: {counts or 'no groups'}.")


def follow(api: Remote, campaign: str) -> Any:
    """Show progress until the campaign is finished or cancelled, or turns out never to have been launched."""
    with progress("relayed") as advance:
        while True:
            seen = api.get(f"/campaigns/{campaign}")
            advance(seen["counts"]["relayed"], max(1, seen["groups"]))
            if seen["status"] in {"finished", "cancelled", "draft"}:
                return seen
            time.sleep(POLL_S)


@app.command()
def missed(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """Which groups missed it, and who is on it.

    Example: muster campaign missed cmp_0123
    """
    with remote(url, key) as api:
        rows = list(api.items(f"/campaigns/{campaign}/missed"))
        counts = api.get(f"/campaigns/{campaign}")["counts"]
    if as_json:
        show_json({"items": rows})
        return
    show_missed(rows)
    still_open = sum(counts[state] for state in ("planned", "assigned", "acknowledged", "posting"))
    if still_open:
        print(f"{still_open} more groups are still open.")


def show_missed(rows: list[Any]) -> None:
    """The missed list as a table, or the good news that there is none."""
    if not rows:
        print("No group has missed it.")
        return
    head = ("group", "branch", "leader", "state", "reason", "nudges", "next_step")
    show_table(head, [[row[name] for name in head] for row in rows])


@app.command()
def links(*, campaign: CampaignId, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False) -> None:
    """A sheet of fresh links, one for each leader, to hand out where no message can reach him.

    Example: muster campaign links cmp_0123
    """
    with remote(url, key) as api:
        items = api.post(f"/campaigns/{campaign}/links")["items"]
    if as_json:
        show_json({"items": items})
        return
    if not items:
        note("No leader has a group of this campaign (yet).")
        return
    show_table(("leader", "open", "groups", "url"), [[i["leader"], i["open"], i["groups"], i["url"]] for i in items])


for command in afterwards.COMMANDS:
    app.command()(command)
