"""What a claimed delivery does at its platform: post its words, or take back, or reword, what another one posted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.channels.port import Channel, Credential, Edits, Outcome, Pins, Post, Posted, Recalls, Verdict
from app.channels.tasks import Asks
from app.core.http import Http
from app.domain.deliveries.rules import Claimed
from app.domain.deliveries.states import Kind

_NO_PIN = {Verdict.TARGET_GONE, Verdict.CREDENTIAL_REFUSED, Verdict.MOVED}

AGAIN_S = 24 * 3600.0
"""For how long what was asked without an answer may be asked again, where asking twice is as good as once."""


def keyed_s(channel: Channel | None, claimed: Claimed, speaks_since: datetime | None) -> float | None:
    """For how many seconds after it was first said this may be done again without being done twice; None: never. A
    platform knows a key from whom it heard it: not when the account is somebody else to it since."""
    if claimed.of_id is not None:
        return AGAIN_S if claimed.kind != Kind.NUDGE else None
    if channel is None or (speaks_since and claimed.said_since < speaks_since):
        return None
    return channel.keyed


def key_forgotten(claimed: Claimed, keyed: float | None, now: datetime) -> bool:
    """Whether it was said without an answer, and to say it again now could say it twice."""
    return claimed.resends > 0 and (keyed is None or now >= claimed.said_since + timedelta(seconds=keyed))


async def act(
    channel: Channel, claimed: Claimed, post: Post, http: Http, *, target: Any, number: str | None
) -> Outcome:
    """Do it once. `number` is the platform's for the message that this is about."""
    if claimed.about_task or claimed.of_id is None:
        asks = _about_task(channel, claimed, post, http, number) if claimed.about_task else channel.post(post, http)
        return await asks
    if number is None:
        return Outcome(Verdict.CONTENT_REFUSED, "no_number", "the platform never told this message's number")
    if claimed.chat.partition(":")[2] != target.address_key:
        detail = "the group has another address since; there the number would name another message"
        return Outcome(Verdict.CONTENT_REFUSED, "elsewhere", detail)
    return await _about(channel, claimed, post, http, number)


async def _about(channel: Channel, claimed: Claimed, post: Post, http: Http, number: str) -> Outcome:
    """Do it with the message of this number."""
    posted = Posted(number, post.at, post.address, post.secret, post.base_url, post.given)
    if claimed.takes_back and isinstance(channel, Recalls):
        return await channel.recall(posted, http)
    if claimed.pins and isinstance(channel, Pins):
        return _of_pin(await channel.pin(posted, http))
    if claimed.rewords and isinstance(channel, Edits):
        return replace(await channel.edit(number, post, http), message_id=number)
    return Outcome(Verdict.CONTENT_REFUSED, "no_power", "this channel cannot do that")


def _of_pin(outcome: Outcome) -> Outcome:
    """What a refusal to pin says is about pinning alone: neither of the chat nor of the account."""
    verdict = Verdict.CONTENT_REFUSED if outcome.verdict in _NO_PIN else outcome.verdict
    return replace(outcome, verdict=verdict, moved_to=None)


async def _about_task(channel: Channel, claimed: Claimed, post: Post, http: Http, number: str | None) -> Outcome:
    """Have an owner asked, or, of the task with this number, reminded or let go."""
    by = Credential(post.at, post.secret, post.base_url, post.given)
    if not isinstance(channel, Asks):
        return Outcome(Verdict.CONTENT_REFUSED, "no_power", "this channel asks nobody")
    if claimed.kind == Kind.TASK:
        return await channel.post(post, http)
    if number is None:
        return Outcome(Verdict.CONTENT_REFUSED, "no_number", "the platform never told this task's number")
    return await (channel.remind if claimed.kind == Kind.NUDGE else channel.cancel)(number, by, http)


def of_account(secret: Mapping[str, str]) -> dict[str, str]:
    """An account's `secret` signs for all its robots, under a name of its own: a robot's own `secret` goes before it,
    and who refuses a signature must be told apart."""
    return {"signing_secret" if name == "secret" else name: value for name, value in secret.items()}
