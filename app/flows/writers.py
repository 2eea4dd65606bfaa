"""Writers: which account can write to each kind of contact."""

from collections.abc import Collection, Iterable

from app.core.db import Tx
from app.domain.accounts import store as accounts
from app.domain.accounts.states import Status

WRITES = {
    "telegram": "telegram",
    "wecom": "wecom_app",
    "feishu": "feishu_app",
    "slack": "slack_app",
    "matrix": "matrix",
    "email": "email",
    "webhook": "webhook",
}
"""The channel that can write to each kind of contact."""


async def writers_for(tx: Tx, center_id: str, kinds: Collection[str]) -> dict[str, str]:
    """As `senders`; a webhook needs no account of the center's, so that one is made where it is wanted first."""
    if "webhook" in kinds:
        await accounts.ensure(tx, center_id, "webhook")
    return await senders(tx, center_id, kinds)


async def senders(tx: Tx, center_id: str, kinds: Iterable[str]) -> dict[str, str]:
    """For each kind of contact that can be written to, the account that writes."""
    wanted = {WRITES[kind]: kind for kind in kinds if kind in WRITES}
    found: dict[str, str] = {}
    for account in await accounts.of_center(tx, center_id):
        if account.channel in wanted and account.status is not Status.OFF:
            found.setdefault(wanted[account.channel], account.id)
    return found
