"""A campaign's report for somebody without a key: a link that only shows, ends by itself, and can be taken back."""

from datetime import timedelta

from app.core import audit, ids, tokens
from app.core.db import Tx
from app.core.errors import Conflict, NotFound
from app.core.tokens import Token
from app.domain.shares import store
from app.domain.shares.tables import Share

KIND = "rp"
MOST = 50
"""Links of one campaign that may live at once."""

# What an unknown public id is compared with, so that it costs what a wrong secret costs.
_NOBODY = tokens.digest("")


async def share(tx: Tx, center_id: str, campaign_id: str, *, names: bool, lasts: timedelta, actor: str) -> Token:
    """A new link. Its token exists only in the answer. Raises Conflict where too many live."""
    if len(await store.living(tx, campaign_id, limit=MOST)) == MOST:
        raise Conflict("too_many_shares", f"{MOST} links to this report are alive; take one back first.")
    token, share_id, expires_at = tokens.mint(KIND), ids.new("shr"), tx.now + lasts
    await store.add(
        tx,
        Share(
            id=share_id,
            center_id=center_id,
            campaign_id=campaign_id,
            public_id=token.public_id,
            digest=token.digest,
            names=names,
            created_at=tx.now,
            created_by=actor,
            expires_at=expires_at,
        ),
    )
    detail = {"share_id": share_id, "names": names, "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"}
    await audit.note(tx, center_id, actor=actor, action="report.share", subject=campaign_id, **detail)
    return token


async def opened(tx: Tx, token_text: str) -> Share | None:
    """The living share this token opens. Unknown, forged, expired and withdrawn ones are all None."""
    text = tokens.trimmed(KIND, token_text)
    public_id = tokens.public_id(KIND, text) if text else None
    found = await store.behind(tx, public_id) if public_id else None
    if text is None or not tokens.matches(text, found.digest if found else _NOBODY) or found is None:
        return None
    return found if found.revoked_at is None and tx.now < found.expires_at else None


async def living(tx: Tx, campaign_id: str) -> list[Share]:
    return await store.living(tx, campaign_id, limit=MOST)


async def revoke(tx: Tx, center_id: str, campaign_id: str, share_id: str, *, actor: str) -> None:
    """Take a link back; a second time is as good as the first. Raises NotFound."""
    found = await store.find(tx, campaign_id, share_id)
    if found is None or found.center_id != center_id:
        raise NotFound("share_not_found", "There is no such link to this report.")
    if await store.revoke(tx, share_id):
        await audit.note(tx, center_id, actor=actor, action="report.unshare", subject=campaign_id, share_id=share_id)
