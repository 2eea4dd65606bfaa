"""Enrol: a phone is known again by the links in the main group, once its leader has shown who he is."""

from dataclasses import dataclass, field

from app.core import audit
from app.core.db import Tx
from app.domain.access.rules import Caller
from app.domain.directory import store as directory
from app.domain.directory.service import people
from app.domain.links import service as links
from app.domain.links.rules import Key
from app.flows.kit import Kit


@dataclass(frozen=True)
class Enrolled:
    """The token this phone keeps; it is shown this once."""

    phone: str = field(repr=False)


async def enrol(kit: Kit, key: Key) -> Enrolled | None:
    """Let the phone that shows this personal link be known from now on. None for a link that opens nothing."""
    async with kit.db.write() as tx:
        opened = await links.open_link(tx, key.token)
        return await _known(tx, opened.center_id, opened.leader_id, how="link") if opened else None


async def enter(kit: Kit, key: Key, code: str) -> Enrolled | None:
    """Let the phone on which a leader typed his code be known. None for a code nobody has, or a link that is over."""
    async with kit.db.write() as tx:
        shared = await links.open_shared(tx, key.token)
        leader_id = await links.owner_of_code(tx, shared.center_id, code) if shared else None
        if shared is None or leader_id is None or await _gone(tx, leader_id):
            return None
        return await _known(tx, shared.center_id, leader_id, how="code")


async def _gone(tx: Tx, leader_id: str) -> bool:
    return any(person.left_at is not None for person in await directory.people(tx, [leader_id]))


async def _known(tx: Tx, center_id: str, leader_id: str, *, how: str) -> Enrolled:
    token = await links.enrol(tx, center_id, leader_id)
    await audit.note(tx, center_id, actor="leader", action="phone.enrol", subject=leader_id, how=how)
    return Enrolled(token.text)


async def renew_code(kit: Kit, caller: Caller, leader_id: str) -> str:
    """A fresh code for a leader, to tell him in person; the one before opens nothing any more. Raises NotFound."""
    async with kit.db.write() as tx:
        leader = await people.one(tx, caller.center_id, leader_id)
        await audit.note(tx, caller.center_id, actor=caller.actor, action="leader.code", subject=leader.id)
        return await links.renew_code(tx, caller.center_id, leader.id)
