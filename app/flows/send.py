"""Take it and say it: claim what may leave this moment, then speak with no transaction open."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.channels.markup import shown
from app.channels.port import NOTHING, Given, Outcome, Picture, Post, Verdict
from app.core import metrics
from app.core.db import Tx
from app.core.secrets import SecretBroken
from app.domain.accounts import service as accounts
from app.domain.accounts import store as account_store
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed, Result
from app.domain.deliveries.states import News as DeliveryNews
from app.domain.directory import service as directory
from app.domain.directory import store as directory_store
from app.domain.directory.states import Health
from app.domain.relays import store as relays
from app.domain.relays.states import News
from app.domain.shards import store as shards
from app.flows.acts import act, key_forgotten, keyed_s, of_account
from app.flows.chats_in import chats_in
from app.flows.kit import Kit
from app.flows.letters import with_links
from app.flows.links_in import links_in
from app.flows.outcomes import NOT_CALLED, Heard
from app.flows.until_morning import until_morning


@dataclass(frozen=True)
class Taken:
    """A claimed delivery with the rows that are needed to say it; the secrets in them are opened when it is said."""

    claimed: Claimed
    sender: Any
    target: Any
    text: str = field(repr=False)
    meant: Any  # as the row of the text says
    number: str | None
    """The platform's number of the message that this is about."""
    picture: Picture | None
    speak_by: datetime
    """Later than this nobody may begin: a stop could have come, or the time for these words be over."""
    chats: tuple[str, ...] = ()
    """Into which a member is to send it himself."""


async def take(
    kit: Kit,
    tx: Tx,
    worker_id: str,
    *,
    shard_ids: Sequence[int],
    delivery_ids: Sequence[str],
    zones: Mapping[str, str | None],
) -> list[Taken]:
    """Claim these deliveries, if the shards are still ours, and gather what they say. `zones` are those of their
    centers."""
    if not delivery_ids or set(await shards.renew(tx, worker_id, shard_ids)) != set(shard_ids):
        return []
    claimed = await deliveries.claim(tx, delivery_ids)
    stood_for = [one.stands_for for one in claimed if one.stands_for]
    begun = set(await relays.move(tx, stood_for, News.CLAIMED, actor="muster"))
    dropped = [one for one in claimed if one.stands_for and one.stands_for not in begun]
    reason = "its relay does not wait for a post any more"
    await deliveries.finish(tx, [Result(one.id, one.fence, DeliveryNews.REFUSED, reason) for one in dropped])
    going = [one for one in claimed if not one.stands_for or one.stands_for in begun]
    groups = {row.id: row for row in await directory_store.doors(tx, [c.group_id for c in going if c.group_id])}
    resting = await until_morning(tx, going, groups, zones)
    return await _gather(kit, tx, [one for one in going if one.id not in resting], groups)


async def _gather(kit: Kit, tx: Tx, claimed: Sequence[Claimed], groups: Mapping[str, Any]) -> list[Taken]:
    senders = {row.id: row for row in await account_store.senders(tx, list({one.account_id for one in claimed}))}
    people = {row.id: row for row in await directory_store.people(tx, [c.leader_id for c in claimed if c.leader_id])}
    texts = await kit.album.texts(tx, (one.text_id for one in claimed))
    pictures = await kit.album.pictures(tx, {text.picture_id for text in texts.values() if text.picture_id})
    numbers = await deliveries.numbers(tx, sorted({one.of_id for one in claimed if one.of_id}))
    minted = await links_in(kit, tx, claimed)
    chats = await chats_in(tx, claimed)
    return [
        Taken(
            one,
            senders[one.account_id],
            groups.get(one.group_id) if one.group_id else people.get(str(one.leader_id)),
            with_links(texts[one.text_id].body, minted[one.id]) if one.id in minted else texts[one.text_id].body,
            texts[one.text_id],
            numbers.get(one.of_id or ""),
            None if one.of_id else pictures.get(texts[one.text_id].picture_id),
            one.speak_by(tx.now),
            chats.get(one.id, ()),
        )
        for one in claimed
    ]


def open_ahead(kit: Kit, taken: Iterable[Taken]) -> None:
    """Open the secrets of all of these, for the vault to remember until they are said: in one go that takes a third of
    the time it takes between one post and the next. What cannot be opened is told when it is said."""
    for one in taken:
        with contextlib.suppress(SecretBroken, AttributeError):
            accounts.secret(kit.vault, one.sender)
            _address(kit, one)


def _address(kit: Kit, taken: Taken) -> tuple[str, Mapping[str, str]]:
    """The whole address, and the group's own secrets. Raises SecretBroken; AttributeError for a row that is gone."""
    if taken.claimed.group_id:
        return directory.whole_address(kit.vault, taken.target)
    return directory.whole_contact(kit.vault, taken.target), {}


def unsaid(taken: Taken, now: datetime) -> Heard:
    """The word on a claim of which nobody knows whether it was committed: nothing was said, at no cost."""
    outcome = Outcome(Verdict.NOT_SENT, "claim_lost", "the database left while it was claimed", wait_s=0.0)
    return Heard(taken.claimed, outcome, now, now, None, committed=False)


async def say(kit: Kit, taken: Taken, given: Given = NOTHING) -> Heard:
    """Speak once, with what was made ready. Whatever happens, an outcome comes back."""
    started_at = kit.clock.now()
    channel = kit.channels.get(taken.sender.channel)
    keyed = keyed_s(channel, taken.claimed, taken.sender.speaks_since)
    if started_at >= taken.speak_by:
        detail = "this worker slept past the time it had for it, and said nothing"
        outcome = Outcome(Verdict.NOT_SENT, "too_late", detail, wait_s=0.0)
    elif channel is not None and key_forgotten(taken.claimed, keyed, started_at):
        detail = "it was said without an answer, and by now, or from this sender, the platform may not know the key; "
        detail += "nothing was said"
        outcome = Outcome(Verdict.AMBIGUOUS, "key_forgotten", detail)
    elif channel is None:
        outcome = Outcome(Verdict.NOT_SENT, "channel_unknown", "this worker does not know the channel")
    else:
        post = post_of(kit, taken, started_at, given)
        about: dict[str, Any] = {"target": taken.target, "number": taken.number}
        outcome = post if isinstance(post, Outcome) else await act(channel, taken.claimed, post, kit.http, **about)
    metrics.attempts.labels(channel.platform if channel else "unknown", outcome.verdict.value).inc()
    was_gone = getattr(taken.target, "health", None) in {Health.GONE, Health.CLOSED}
    return Heard(taken.claimed, outcome, started_at, kit.clock.now(), keyed, was_gone=was_gone)


def post_of(kit: Kit, taken: Taken, at: datetime, given: Given = NOTHING) -> Post | Outcome:
    """The words with the whole address and the opened secrets, or what stands in the way."""
    sender = taken.sender
    if getattr(taken.target, "health", None) is Health.CLOSED:
        return NOT_CALLED
    try:
        secret = accounts.secret(kit.vault, sender)
    except SecretBroken as error:
        return Outcome(Verdict.CREDENTIAL_REFUSED, "secret_broken", str(error))
    try:
        address, own = _address(kit, taken)
    except (SecretBroken, AttributeError) as error:
        detail = f"its address cannot be read ({type(error).__name__})"
        return Outcome(Verdict.TARGET_GONE, "address_broken", detail)
    text, marked, call = taken.text, None, taken.meant.mention_all
    if taken.meant.markdown and taken.text:
        text, marked, _ = shown(kit.channels.get(sender.channel), taken.text)
    whole = {**of_account(secret), **own}
    words = (text, at, address, whole, sender.base_url, call, marked)
    return Post(taken.claimed.id, *words, picture=taken.picture, chats=taken.chats, given=given)
