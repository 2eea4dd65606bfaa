"""Invite: somebody is asked to answer for a group; whoever says yes is its leader from then on."""

import contextlib
from dataclasses import dataclass, field

from app.core.db import Tx
from app.core.errors import Conflict, Invalid
from app.core.secrets import SecretBroken
from app.domain.access.rules import Caller
from app.domain.directory import rules
from app.domain.directory import store as directory
from app.domain.directory.rules import Contact
from app.domain.directory.service import groups, people
from app.domain.invitations import service as invitations
from app.domain.invitations.service import Open
from app.domain.invitations.states import State
from app.flows.admission import admission
from app.flows.kit import Kit


@dataclass(frozen=True)
class Invitation:
    """A fresh invitation; `url` is shown this once, for the center to hand out."""

    id: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class Answered:
    """How an invitation stands after a word, and whether this word moved it."""

    state: State
    changed: bool


async def invite(kit: Kit, caller: Caller, group_id: str, *, name: str, contact: Contact, rank: int) -> Invitation:
    """A link for this person to say yes or no. Raises NotFound, Invalid, and Conflict where a leader of this name is
    reached otherwise, or answers for the group already."""
    async with kit.db.write() as tx:
        group = await groups.one(tx, caller.center_id, group_id)
        if problem := (await admission(tx, kit, caller.center_id)).contact_problem(contact):
            raise Invalid.field("/contact", problem)
        known = await people.named(tx, caller.center_id, name)
        if known is not None:
            _same(kit, known, contact)
            if await people.answers(tx, known.id, group_id=group.id):
                raise Conflict("already_assigned", f"“{known.name}” answers for this group already.")
        made = await invitations.invite(
            tx,
            caller.center_id,
            group_id=group.id,
            leader_id=known.id if known else None,
            name=name,
            contact=f"{contact.kind}:{contact.value}" if contact.value else contact.kind,
            rank=rank,
            vault=kit.vault,
            actor=caller.actor,
        )
    return Invitation(made.invitation.id, f"{kit.settings.base_url}/i/{made.token}")


def _same(kit: Kit, known: people.Row, contact: Contact) -> None:
    if known.left_at is not None:
        raise Conflict("leader_left", f"“{known.name}” has left; take the leader back first (`left`: false).")
    if contact.value and not people.reached_by(kit.vault, known, contact):
        sentence = f"There already is a leader named “{known.name}”, with another contact; leave the contact out."
        raise Conflict("name_taken", sentence)


async def accept(kit: Kit, token: str, *, language: str) -> Answered | None:
    """Yes: the person is a leader, if he was none, and answers for the group. None for a link that opens nothing. Said
    twice it is said once."""
    return await _hear(kit, token, accepts=True, language=language)


async def decline(kit: Kit, token: str, *, reason: str) -> Answered | None:
    """No, for this reason; as `accept`."""
    return await _hear(kit, token, accepts=False, reason=reason)


async def _hear(
    kit: Kit, token: str, *, accepts: bool, language: str | None = None, reason: str = ""
) -> Answered | None:
    async with kit.db.read() as tx:
        asked = await invitations.opened(tx, token)
    if asked is None:
        return None
    center_id = asked.center_id
    async with kit.db.write() as tx:
        await directory.lock(tx, center_id)
        found = await invitations.opened(tx, token)
        if found is None or found.state is not State.OPEN:
            return Answered(found.state, changed=False) if found else None
        if not accepts:
            return Answered(State.DECLINED, changed=await invitations.decline(tx, found, reason=reason))
        leader_id = await _leader(tx, kit, found, language=language)
        if not await people.answers(tx, leader_id, group_id=found.group_id):
            await _assign(tx, found, leader_id)
        return Answered(State.ACCEPTED, changed=await invitations.accept(tx, found, leader_id=leader_id))


async def _leader(tx: Tx, kit: Kit, found: Open, *, language: str | None) -> str:
    """The leader whom the invitation meant, or the one of this name, or a new one, who is written to in the language
    he answered in."""
    if found.leader_id:
        return found.leader_id
    known = await people.named(tx, found.center_id, found.name)
    if known is not None:
        return str(known.id)
    contact = rules.NO_CONTACT
    with contextlib.suppress(SecretBroken):
        contact = rules.parse_contact(invitations.contact_of(kit.vault, found))
    actor = f"invited:{found.name}"
    made = await people.create(
        tx, found.center_id, name=found.name, contact=contact, language=language, vault=kit.vault, actor=actor
    )
    return made.id


async def _assign(tx: Tx, found: Open, leader_id: str) -> None:
    await people.assign(
        tx,
        found.center_id,
        leader_id=leader_id,
        group_id=found.group_id,
        branch_id=None,
        rank=found.rank,
        actor=f"invited:{found.name}",
    )
