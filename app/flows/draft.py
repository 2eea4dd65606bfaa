"""`POST /campaigns`: a script and an audience are checked, a draft is made once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from app.core.db import Tx
from app.core.errors import FieldError, Invalid
from app.domain.access.rules import Caller
from app.domain.campaigns import service
from app.domain.campaigns.rules import Audience, Draft
from app.domain.directory import store as directory
from app.domain.directory.rules import path_key
from app.domain.directory.service import audiences
from app.domain.pictures import store as pictures
from app.domain.quorum import rules as quorum
from app.domain.scripts import service as scripts
from app.flows.kit import Kit

PAST = timedelta(minutes=5)
"""How far back a send_at may lie: clocks differ, and a request takes its time."""


async def draft(
    kit: Kit, caller: Caller, wanted: Draft, *, key: str, fingerprint: str, saved: str | None = None
) -> service.Made:
    """A draft for this key, or the one an earlier request made; with `saved`, for the saved audience of this id as it
    stands now. Raises Invalid."""
    try:
        return await _once(kit, caller, wanted, key=key, fingerprint=fingerprint, saved=saved)
    except service.SomebodyWasFirst:
        return await _once(kit, caller, wanted, key=key, fingerprint=fingerprint, saved=saved)


async def _once(
    kit: Kit, caller: Caller, wanted: Draft, *, key: str, fingerprint: str, saved: str | None
) -> service.Made:
    async with kit.db.write() as tx:
        made = await service.replay(tx, caller.center_id, key, fingerprint=fingerprint)
        if made is not None:
            return made
        if wanted.send_at is not None and wanted.send_at < tx.now - PAST:
            raise Invalid.field("/send_at", "This moment has passed; leave send_at out to begin at launch.")
        if saved is not None:
            lists = await audiences.resolve(tx, caller.center_id, saved, pointer="/audience/saved")
            wanted = replace(wanted, audience=Audience(**lists))
        await _check_audience(tx, caller.center_id, wanted.audience)
        if wanted.picture_id is not None and not await pictures.want(tx, caller.center_id, wanted.picture_id):
            raise Invalid.field("/picture", "There is no such picture in this center.", code="unknown_picture")
        wanted = replace(wanted, quorum=await _alarms(tx, caller.center_id, wanted))
        complete = await _with_script(tx, caller.center_id, wanted)
        return await service.create(
            tx, caller.center_id, complete, key=key, fingerprint=fingerprint, actor=caller.actor
        )


async def _check_audience(tx: Tx, center_id: str, audience: Audience) -> None:
    strangers = await directory.unknown(tx, center_id, branches=audience.branches, groups=audience.groups)
    excluded = await directory.unknown(tx, center_id, branches=(), groups=audience.exclude)
    places: Mapping[str, tuple[str, ...]] = {
        "branches": tuple(audience.branches),
        "groups": tuple(audience.groups),
        "exclude": tuple(audience.exclude),
    }
    named = [("branches" if kind == "branch" else "groups", name) for kind, name in strangers]
    named += [("exclude", name) for _, name in excluded]
    if named:
        errors = [
            FieldError(f"/audience/{field}/{places[field].index(name)}", "There is no such thing in this center.")
            for field, name in named
        ]
        raise Invalid("unknown_audience", "The audience names something that is not in this center.", errors=errors)


async def _alarms(tx: Tx, center_id: str, wanted: Draft) -> list[dict[str, object]]:
    """The quorums with the ids of their branches. Raises Invalid."""
    asks = quorum.read(wanted.quorum)
    known = await directory.branches(tx, center_id) if any(ask.branch_id for ask in asks) else []
    named = {path_key(branch.path): branch.id for branch in known} | {branch.id: branch.id for branch in known}
    found = []
    for place, ask in enumerate(asks):
        if ask.at is not None and ask.at <= max(wanted.send_at or tx.now, tx.now):
            raise Invalid.field(f"/quorum/{place}/at", "This moment lies before the campaign begins.")
        branch_id = ask.branch_id and (named.get(ask.branch_id) or named.get(path_key(ask.branch_id)))
        if ask.branch_id and branch_id is None:
            raise Invalid.field(f"/quorum/{place}/branch", "There is no such branch in this center.")
        found.append(replace(ask, branch_id=branch_id))
    return quorum.stamp(found)


async def _with_script(tx: Tx, center_id: str, wanted: Draft) -> Draft:
    """The draft with its script's texts and checked variables in place."""
    if wanted.script_slug is None:
        return wanted
    version = await scripts.get(tx, center_id, wanted.script_slug, wanted.script_version)
    values = scripts.check_values(version.variables, wanted.variables)
    return replace(
        wanted,
        texts=version.texts,
        variables=values,
        script_version=version.version,
        format=wanted.format or version.content.format,
    )
