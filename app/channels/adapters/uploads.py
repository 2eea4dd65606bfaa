"""Pictures that have to lie at a platform before a message can show them. Nothing stands in a chat before that, so
whatever goes wrong on the way there is provably not posted."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from app.channels.adapters.tokens import Ask, Tokens
from app.channels.port import Given, Outcome, Verdict

Found = TypeVar("Found")

UPLOAD_S = 7.0
"""For a picture to get there."""

_CERTAIN = {Verdict.CONTENT_REFUSED, Verdict.TARGET_GONE, Verdict.CREDENTIAL_REFUSED, Verdict.THROTTLED}


async def uploaded(picture: Awaitable[Found | Outcome]) -> Found | Outcome:
    """What the platform calls the picture, in time, or what stands in the way."""
    try:
        async with asyncio.timeout(UPLOAD_S):
            found = await picture
    except TimeoutError:
        return Outcome(Verdict.NOT_SENT, "no_picture", f"The picture did not get there within {UPLOAD_S:g} s.")
    return not_uploaded(found) if isinstance(found, Outcome) else found


async def given_picture(pictures: Tokens, upload: Ask) -> Given | Outcome:
    """What the platform calls a picture that one upload brings there for everyone who shows it."""
    lies = await pictures.lend(upload)
    return lies if isinstance(lies, Outcome) else Given(picture=lies)


def not_uploaded(outcome: Outcome) -> Outcome:
    """What an answer means that is no yes to a picture."""
    if outcome.verdict in _CERTAIN:
        return outcome
    detail = "The platform gave no usable answer to the picture; nothing was posted."
    return replace(outcome, verdict=Verdict.NOT_SENT, detail=detail, message_id=None)
