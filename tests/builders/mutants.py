"""What knocks at relay links without being meant to confirm: previews and scanners that look, and tokens that are not
quite right."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

import httpx
from sqlmodel import col, select

from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.journal import JournalLine
from app.domain.links import service as links
from app.domain.links.rules import Holder, Key
from app.domain.relays.tables import Confirmation, Relay
from tests.builders.crowd import Press

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

LOOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {"user-agent": "TelegramBot (like TwitterBot)"}),
    ("GET", {"user-agent": "WhatsApp/2.24.1"}),
    ("GET", {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}),
    ("GET", {"user-agent": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"}),
    ("GET", {"user-agent": "facebookexternalhit/1.1", "range": "bytes=0-524287"}),
    ("GET", {"sec-purpose": "prefetch;prerender", "purpose": "prefetch"}),
    ("GET", {"x-moz": "prefetch"}),
    ("GET", {"user-agent": "MicroMessenger/8.0 (Linux; Android 9)", "sec-fetch-site": "cross-site"}),
    ("HEAD", {"user-agent": "SkypeUriPreview Preview/0.5"}),
    ("OPTIONS", {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}),
)


async def look(client: httpx.AsyncClient, press: Press, number: int) -> int:
    """One look of some kind at some address of this link; answers the status."""
    method, headers = LOOKS[number % len(LOOKS)]
    paths = (f"/r/{press.token}", f"/hooks/ack/{press.token}", f"/g/{press.token}", press.path)
    answer = await client.request(method, paths[number // len(LOOKS) % len(paths)], headers=headers)
    return answer.status_code


def mutants(presses: Sequence[Press], count: int, *, seed: int) -> Iterator[str]:
    """So many tokens, each one wrong step away from one that opens: bits turned, letters in the other case, cut off,
    made longer, two letters exchanged, of another kind, and halves of two tokens put together."""
    chance = random.Random(seed)
    while count:
        one, two = chance.choice(presses).token, chance.choice(presses).token
        place = chance.randrange(1, len(one))
        made = (
            one[:place] + chr(ord(one[place]) ^ 1 << chance.randrange(7)) + one[place + 1 :],
            one[:place] + one[place].swapcase() + one[place + 1 :],
            one[:place],
            one[place:],
            one + chance.choice(_LETTERS),
            one[:place] + chance.choice(_LETTERS) + one[place:],
            one[: place - 1] + one[place - 1 : place + 1][::-1] + one[place + 1 :],
            chance.choice(("sl_", "ph_", "mk_", "RL_")) + one[3:],
            one[:16] + two[16:],
            one.swapcase(),
        )[chance.randrange(10)]
        if made not in {one, two}:
            count -= 1
            yield made


async def dead_tokens(db: Database, presses: Sequence[Press]) -> list[str]:
    """Genuine tokens of the same leaders that open nothing any more."""
    async with db.write() as tx:
        held = await tx.all(select(Relay).where(col(Relay.id).in_([press.relay_id for press in presses])))
        over = tx.now - timedelta(seconds=1)
        gone = [Holder(one.center_id, one.campaign_id, str(one.leader_id), over) for one in held]
        return [token.text for token in await links.mint_many(tx, gone)]


async def opened(db: Database, tokens: Sequence[str]) -> list[Key]:
    """Those of these tokens that open anything, read as the confirmation reads them."""
    async with db.read(brief=True) as tx:
        return list(await links.open_keys(tx, [Key(token) for token in tokens]))


async def everything(db: Database) -> list[object]:
    """All that no look and no wrong token may change."""
    async with db.read() as tx:
        relays = await tx.all(select(Relay).order_by(col(Relay.id)))
        lines = await tx.all(select(JournalLine.seq))
        words = await tx.all(select(Confirmation.id))
        deeds = await tx.all(select(AuditEntry.id))
        return [[relay.model_dump() for relay in relays], len(lines), len(words), len(deeds)]
