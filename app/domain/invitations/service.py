"""Invitations: a link for one person and one group, opened by whoever holds the token, answered once."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.core import audit, ids, paging, tokens
from app.core.db import Tx
from app.core.errors import Conflict, NotFound
from app.core.secrets import Vault
from app.domain.invitations import store
from app.domain.invitations.states import News, State
from app.domain.invitations.tables import Invitation

Open = Invitation
KIND = "iv"
LASTS = timedelta(days=14)

# What an unknown public id is compared with, so that it costs what a wrong secret costs.
_NOBODY = tokens.digest("")


@dataclass(frozen=True)
class Invited:
    """A fresh invitation and its token, which exists nowhere else."""

    invitation: Invitation
    token: str = field(repr=False)


async def invite(
    tx: Tx,
    center_id: str,
    *,
    group_id: str,
    leader_id: str | None,
    name: str,
    contact: str,
    rank: int,
    vault: Vault,
    actor: str,
) -> Invited:
    """`contact` as it is written (`telegram:123`), sealed whole; `leader_id` where the person leads already."""
    invitation_id, token = ids.new("inv"), tokens.mint(KIND)
    row = {
        "id": invitation_id,
        "center_id": center_id,
        "group_id": group_id,
        "leader_id": leader_id,
        "name": name,
        "contact_box": vault.seal(invitation_id, {"contact": contact}),
        "rank": rank,
        "public_id": token.public_id,
        "digest": token.digest,
        "state": State.OPEN,
        "created_by": actor,
        "created_at": tx.now,
        "expires_at": tx.now + LASTS,
    }
    await store.add(tx, row | {"reason": ""})
    detail = {"group_id": group_id, "name": name, "rank": rank}
    await audit.note(tx, center_id, actor=actor, action="invitation.create", subject=invitation_id, **detail)
    return Invited(await one(tx, center_id, invitation_id), token.text)


async def one(tx: Tx, center_id: str, invitation_id: str) -> Invitation:
    """Raises NotFound."""
    found = await store.find(tx, center_id, invitation_id)
    if found is None:
        raise NotFound("invitation_unknown", "There is no such invitation.")
    return found


async def listed(tx: Tx, group_id: str, *, limit: int, cursor: str | None) -> paging.Page[Invitation]:
    return await store.page(tx, group_id, limit=limit, cursor=cursor)


async def opened(tx: Tx, token_text: str) -> Invitation | None:
    """The invitation this token opens. Unknown, forged, expired and withdrawn ones are all None; one that was answered
    stands as long as it would have lived."""
    text = tokens.trimmed(KIND, token_text)
    public_id = tokens.public_id(KIND, text) if text else None
    if text is None or public_id is None:
        return None
    digest = await store.digest_of(tx, public_id)
    if not tokens.matches(text, digest or _NOBODY):
        return None
    found = await store.behind(tx, public_id)
    living = found is not None and found.state is not State.WITHDRAWN and tx.now < found.expires_at
    return found if living else None


def contact_of(vault: Vault, invitation: Invitation) -> str:
    """Raises SecretBroken."""
    return vault.open(invitation.id, invitation.contact_box)["contact"]


async def accept(tx: Tx, invitation: Invitation, *, leader_id: str) -> bool:
    """False when it was answered before."""
    return await _answer(tx, invitation, News.ACCEPTED, leader_id=leader_id)


async def decline(tx: Tx, invitation: Invitation, *, reason: str) -> bool:
    """False when it was answered before."""
    return await _answer(tx, invitation, News.DECLINED, reason=reason)


async def _answer(tx: Tx, invitation: Invitation, news: News, **values: str) -> bool:
    if not await store.tell(tx, invitation.id, news, **values):
        return False
    actor, action = f"invited:{invitation.name}", f"invitation.{news.value}"
    await audit.note(tx, invitation.center_id, actor=actor, action=action, subject=invitation.id, **values)
    return True


async def withdraw(tx: Tx, center_id: str, invitation_id: str, *, actor: str) -> None:
    """Take the link back. Raises NotFound, and Conflict where it was answered."""
    found = await one(tx, center_id, invitation_id)
    if not await store.tell(tx, found.id, News.WITHDRAWN) and found.state is not State.WITHDRAWN:
        raise Conflict("already_answered", f"“{found.name}” has answered this invitation already.")
    await audit.note(tx, center_id, actor=actor, action="invitation.withdraw", subject=found.id)
