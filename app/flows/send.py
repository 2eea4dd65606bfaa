"""Take it and say it: claim what may leave this moment, then speak with no transaction open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.channels.port import Channel, Outcome, Post, Verdict
from app.core import metrics
from app.core.db import Tx
from app.core.secrets import SecretBroken
from app.domain.access import service as access
from app.domain.accounts import service as accounts
from app.domain.accounts import store as account_store
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import rules
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed, Result
from app.domain.deliveries.states import News as DeliveryNews
from app.domain.directory import service as directory
from app.domain.directory import store as directory_store
from app.domain.links import service as links
from app.domain.links.rules import Holder
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.domain.relays.states import News
from app.domain.shards import store as shards
from app.flows.kit import Kit
from app.flows.letters import with_link
from app.flows.outcomes import Heard

LINK_OUTLIVES = timedelta(hours=24)


@dataclass(frozen=True)
class Taken:
    """A claimed delivery with everything that is needed to say it; `post` is None where that cannot be had."""

    claimed: Claimed
    channel: Channel | None
    post: Post | None = field(repr=False)
    problem: Outcome | None = None


async def take(
    kit: Kit, tx: Tx, worker_id: str, *, shard_ids: Sequence[int], delivery_ids: Sequence[str]
) -> list[Taken]:
    """Claim these deliveries, if the shards are still ours, and gather what they say."""
    if not delivery_ids or set(await shards.renew(tx, worker_id, shard_ids)) != set(shard_ids):
        return []
    claimed = await deliveries.claim(tx, delivery_ids)
    stood_for = [one.relay_id for one in claimed if one.relay_id]
    begun = set(await relays.move(tx, stood_for, News.CLAIMED, actor="muster"))
    dropped = [one for one in claimed if one.relay_id and one.relay_id not in begun]
    reason = "its relay does not wait for a post any more"
    await deliveries.finish(tx, [Result(one.id, one.fence, DeliveryNews.REFUSED, reason) for one in dropped])
    going = [one for one in claimed if not one.relay_id or one.relay_id in begun]
    groups = {row.id: row for row in await directory_store.doors(tx, [c.group_id for c in going if c.group_id])}
    asleep = await _until_morning(tx, going, groups)
    return await _gather(kit, tx, [one for one in going if one.id not in asleep], groups)


async def _until_morning(tx: Tx, claimed: Sequence[Claimed], groups: Mapping[str, Any]) -> set[str]:
    """Put back what would wake its group: a pause, a wait or a long queue may have carried it past ten at night.
    Answers what was put back."""
    centers = {one.center_id for one in claimed}
    zones = {center: (await access.center(tx, center)).timezone for center in sorted(centers)}
    awake = {
        one.id: after_quiet(tx.now, zone)
        for one in claimed
        if one.group_id and (zone := groups[one.group_id].timezone or zones[one.center_id])
    }
    night = [one for one in claimed if awake.get(one.id, tx.now) > tx.now]
    wakeful = await campaigns.wakeful(tx, sorted({one.campaign_id for one in night})) if night else set()
    asleep = [one for one in night if one.campaign_id not in wakeful]
    reason = "it waits for the end of its group's quiet hours"
    await deliveries.finish(tx, [rules.waits(one, reason, awake[one.id]) for one in asleep])
    stood_for = [one.relay_id for one in asleep if one.relay_id]
    await relays.move(tx, stood_for, News.RETURNED, actor="muster", reason=reason)
    return {one.id for one in asleep}


async def _gather(kit: Kit, tx: Tx, claimed: Sequence[Claimed], groups: Mapping[str, Any]) -> list[Taken]:
    senders = {row.id: row for row in await account_store.get(tx, sorted({one.account_id for one in claimed}))}
    people = {row.id: row for row in await directory_store.people(tx, [c.leader_id for c in claimed if c.leader_id])}
    texts = await campaigns.texts(tx, sorted({one.text_id for one in claimed}))
    minted = await _links(kit, tx, [one for one in claimed if one.leader_id])
    taken = []
    for one in claimed:
        account = senders[one.account_id]
        channel = kit.channels.get(account.platform)
        text = with_link(texts[one.text_id], minted[one.id]) if one.leader_id else texts[one.text_id]
        try:
            secret = accounts.secret(kit.vault, account)
        except SecretBroken as error:
            taken.append(Taken(one, channel, None, Outcome(Verdict.CREDENTIAL_REFUSED, "secret_broken", str(error))))
            continue
        try:
            address, own = _door(kit, one, groups, people)
        except (SecretBroken, KeyError) as error:
            detail = f"its address cannot be read ({type(error).__name__})"
            taken.append(Taken(one, channel, None, Outcome(Verdict.TARGET_GONE, "address_broken", detail)))
            continue
        secret = {**secret, **own}
        post = Post(key=one.id, text=text, at=tx.now, address=address, secret=secret, base_url=account.base_url)
        taken.append(Taken(one, channel, post))
    return taken


def _door(kit: Kit, one: Claimed, groups: Mapping[str, Any], people: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The whole address, and the chat's own secrets."""
    if one.group_id:
        return directory.whole_address(kit.vault, groups[one.group_id])
    return directory.whole_contact(kit.vault, people[str(one.leader_id)]), {}


async def _links(kit: Kit, tx: Tx, claimed: Sequence[Claimed]) -> dict[str, str]:
    """A fresh link for each letter that leaves now: its token exists in the letter and, hashed, in the database."""
    holders = [
        Holder(one.center_id, one.campaign_id, str(one.leader_id), one.expires_at + LINK_OUTLIVES) for one in claimed
    ]
    tokens = await links.mint_many(tx, holders)
    return {one.id: f"{kit.settings.base_url}/r/{token.text}" for one, token in zip(claimed, tokens, strict=True)}


async def say(kit: Kit, taken: Taken) -> Heard:
    """Speak once. Whatever happens, an outcome comes back."""
    started_at = kit.clock.now()
    channel = taken.channel
    if channel is None:
        outcome = Outcome(Verdict.NOT_SENT, "platform_unknown", "this worker does not know the platform")
    elif taken.post is None:
        outcome = taken.problem or Outcome(Verdict.NOT_SENT)
    else:
        outcome = await channel.post(taken.post, kit.http)
    metrics.attempts.labels(channel.platform if channel else "unknown", outcome.verdict.value).inc()
    return Heard(taken.claimed, outcome, started_at, kit.clock.now(), channel.keyed if channel else None)
