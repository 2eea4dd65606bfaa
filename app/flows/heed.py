"""Heed: what an answer says of more than what it was asked about, wherever it was heard: a scope is to rest, or an
account's secret is no good any more."""

from datetime import datetime, timedelta

from app.channels.port import Outcome, Verdict
from app.core.db import Tx
from app.core.limits import Scope
from app.domain.accounts import store as accounts
from app.domain.deliveries import store as deliveries
from app.flows.outcomes import said


async def heed(tx: Tx, outcome: Outcome, account_id: str, *, asked_at: datetime, chat: str | None = None) -> None:
    """Close what the answer names, for as long as it says. `asked_at`: a secret that was renewed since is another one;
    `chat`: the one it was about, where a wait of its own is to be kept."""
    if outcome.verdict is Verdict.THROTTLED:
        until = tx.now + timedelta(seconds=outcome.wait_s or 60.0)
        for one in await _resting(tx, outcome.scope, account_id, chat):
            await deliveries.close_gate(tx, one, reason=f"the platform asked to wait ({said(outcome)})", until=until)
    elif outcome.verdict is Verdict.CREDENTIAL_REFUSED:
        reason = f"the platform refused the account's secret ({said(outcome)})"
        if await accounts.refuse(tx, account_id, reason, said_at=asked_at):
            await deliveries.close_gate(tx, account_id, reason=reason)


async def _resting(tx: Tx, scope: Scope, account_id: str, chat: str | None) -> list[str]:
    """Whoever shares a limit shares the wait for it; what is the whole platform's is said to this machine's address."""
    if scope is Scope.CHAT:
        return [chat] if chat else []
    if scope is Scope.PLATFORM:
        return await accounts.beside(tx, account_id)
    return [row.id for row in await accounts.paced(tx, [account_id])]
