"""`muster campaign`, after a launch: once more, taken back, corrected; and a second person's word."""

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.remote import ApiKey, ApiUrl, remote
from app.cli.terminal import AsJson, printable, show_json

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's id, cmp_….")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="Only in this group, by its id; repeatable.")]


def retry(
    *, campaign: CampaignId, group: Groups = None, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False
) -> None:
    """Post once more what failed, and what expired unsent; never what stands or may stand.

    Example: muster campaign retry cmp_0123
    """
    with remote(url, key) as api:
        answer = api.post(f"/campaigns/{campaign}/retry", {"groups": group} if group else None)
    _say(answer, as_json=as_json, sentence=f"{answer['retried']} posts wait for their turn once more.")


def recall(
    *, campaign: CampaignId, group: Groups = None, url: ApiUrl = None, key: ApiKey = None, as_json: AsJson = False
) -> None:
    """Take it back where that can be, and call off the rest; without --group this cancels the campaign.

    Example: muster campaign recall cmp_0123
    """
    with remote(url, key) as api:
        answer = api.post(f"/campaigns/{campaign}/recall", {"groups": group} if group else None)
    counts = (answer["recall"] or {"counts": {}})["counts"]
    told = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    _say(answer, as_json=as_json, sentence=f"“{printable(answer['title'])}” is being taken back: {told or 'nowhere'}.")


def correct(
    *,
    campaign: CampaignId,
    text: Annotated[str | None, typer.Option(help="The whole text as it should be.")] = None,
    text_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="… or the file it is in.")] = None,
    mode: Annotated[str, typer.Option(help="auto, edit or follow_up.")] = "auto",
    idempotency_key: Annotated[str | None, typer.Option(help="The same key corrects once.")] = None,
    url: ApiUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> None:
    """New words, as a campaign of their own: in the place of the old ones where that can be, else after them.

    Example: muster campaign correct cmp_0123 --text "Please stay indoors until 20:00."
    """
    if (text is None) == (text_file is None):
        raise typer.BadParameter("Give either --text or --text-file.")
    body = {"body": text if text_file is None else text_file.read_text(encoding="utf-8"), "mode": mode}
    headers = {"Idempotency-Key": idempotency_key or secrets.token_hex(16)}
    with remote(url, key) as api:
        answer = api.post(f"/campaigns/{campaign}/correct", body, headers=headers)
    _say(answer, as_json=as_json, sentence=f"The correction {answer['id']} is {answer['control']}.")


def approve(
    *,
    campaign: CampaignId,
    fingerprint: Annotated[str | None, typer.Option(help="Of what you have read; another content is refused.")] = None,
    url: ApiUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> None:
    """Agree to what waits for a second person, and launch it.

    Example: muster campaign approve cmp_0123
    """
    with remote(url, key) as api:
        answer = api.post(f"/campaigns/{campaign}/approve", {"fingerprint": fingerprint} if fingerprint else None)
    _say(answer, as_json=as_json, sentence=f"“{printable(answer['title'])}” is {answer['control']}.")


def reject(
    *,
    campaign: CampaignId,
    reason: Annotated[str, typer.Option(help="Why; its author reads this.")],
    url: ApiUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> None:
    """Send what waits for a second person back to its author.

    Example: muster campaign reject cmp_0123 --reason "The hour is wrong."
    """
    with remote(url, key) as api:
        answer = api.post(f"/campaigns/{campaign}/reject", {"reason": reason})
    _say(answer, as_json=as_json, sentence=f"“{printable(answer['title'])}” is {answer['control']} again.")


def _say(answer: Any, *, as_json: bool, sentence: str) -> None:
    if as_json:
        show_json(answer)
    else:
        print(sentence)


COMMANDS = (retry, recall, correct, approve, reject)
