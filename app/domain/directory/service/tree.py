"""Editing the tree: every change is checked and made under the center's lock, so that no two of them can tie a ring."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from app.core import audit, ids, paging
from app.core.db import Tx
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import comparable
from app.domain.directory import rules
from app.domain.directory.store import answers, tree
from app.domain.directory.tables import Branch

SLICE = 2_000


async def one(tx: Tx, center_id: str, branch_id: str) -> Branch:
    """Raises NotFound."""
    found = await tree.branch(tx, center_id, branch_id)
    if found is None:
        raise NotFound("branch_unknown", "There is no such branch.")
    return found


async def listed(
    tx: Tx, center_id: str, *, parent_id: str | None, limit: int, cursor: str | None
) -> paging.Page[Branch]:
    return await tree.branches_page(tx, center_id, parent_id=parent_id, limit=limit, cursor=cursor)


async def meant(tx: Tx, center_id: str, *, branch_id: str | None, path: str | None, field: str) -> Branch | None:
    """The branch that a body names by `{field}_id` or by its path in `field`; None for neither. Raises Invalid."""
    if branch_id and path:
        raise Invalid.field(f"/{field}", f"Give either {field} or {field}_id.")
    if branch_id:
        found = await tree.branch(tx, center_id, branch_id)
        if found is None:
            raise Invalid.field(f"/{field}_id", "There is no such branch.")
        return found
    if not path:
        return None
    try:
        key = rules.path_key(rules.branch_path(path))
    except ValueError as error:
        raise Invalid.field(f"/{field}", str(error)) from error
    found = await tree.branch_at(tx, center_id, key)
    if found is None:
        raise Invalid.field(f"/{field}", "There is no branch with this path; create it first.")
    return found


async def create(tx: Tx, center_id: str, *, name: str, parent: Branch | None, actor: str) -> Branch:
    """Raises Conflict where a sibling bears the name. `parent` is read under the lock (`begin`)."""
    path = f"{parent.path}/{name}" if parent else name
    await _free(tx, center_id, path, besides=None)
    row = Branch(
        id=ids.new("brn"),
        center_id=center_id,
        parent_id=parent.id if parent else None,
        name=name,
        path=path,
        path_key=rules.path_key(path),
        created_at=tx.now,
    )
    await tx.add(row)
    await audit.note(tx, center_id, actor=actor, action="branch.create", subject=row.id, path=path[:500])
    return row


async def begin(tx: Tx, center_id: str) -> None:
    """Hold the tree; whatever is read of it from here on still stands when it is written."""
    await tree.lock(tx, center_id)


async def change(tx: Tx, branch: Branch, *, name: str, parent: Branch | None, actor: str) -> Branch:
    """Rename a branch or hang it elsewhere; everything below follows. Raises Invalid for a branch below itself and
    Conflict where a sibling bears the name."""
    center_id = branch.center_id
    if parent is not None and branch.id in answers.upward(await tree.parents(tx, center_id), parent.id):
        raise Invalid.field("/parent_id", "A branch cannot hang below itself.", code="cycle")
    path = f"{parent.path}/{name}" if parent else name
    await _free(tx, center_id, path, besides=branch.id)
    was = branch.path
    await _move(tx, branch, name=name, parent_id=parent.id if parent else None, path=path)
    await audit.note(
        tx, center_id, actor=actor, action="branch.change", subject=branch.id, was=was[:500], became=path[:500]
    )
    return await one(tx, center_id, branch.id)


async def _move(tx: Tx, branch: Branch, *, name: str, parent_id: str | None, path: str) -> None:
    below = defaultdict(list)
    for row in await tree.names(tx, branch.center_id):
        below[row.parent_id].append(row)
    full = "/".join(map(comparable, path.split("/")))
    first = {"row_id": branch.id, "parent_id": parent_id, "name": name, "path": path}
    batch, waiting = [first | {"path_key": rules.stored_key(full)}], [(branch.id, path, full)]
    while waiting:
        top, way, key = waiting.pop()
        for row in below[top]:
            here, full = f"{way}/{row.name}", f"{key}/{comparable(row.name)}"
            place = {"row_id": row.id, "parent_id": top, "name": row.name, "path": here}
            batch.append(place | {"path_key": rules.stored_key(full)})
            waiting.append((row.id, here, full))
        if len(batch) >= SLICE:
            await tree.place(tx, batch)
            batch = []
    if batch:
        await tree.place(tx, batch)


async def _free(tx: Tx, center_id: str, path: str, *, besides: str | None) -> None:
    other = await tree.branch_at(tx, center_id, rules.path_key(path))
    if other is not None and other.id != besides:
        raise Conflict("name_taken", f"There already is a branch “{other.path[-200:]}”.")


async def remove(tx: Tx, branch: Branch, *, actor: str) -> None:
    """Raises Conflict while anything hangs in the branch, or a campaign remembers it."""
    hanging = await tree.hangs(tx, branch.id)
    if hanging:
        raise Conflict("branch_not_empty", f"There are still {hanging} in “{branch.path[-200:]}”; move them first.")
    try:
        await tree.delete_branch(tx, branch.id)
    except IntegrityError:
        raise Conflict(
            "branch_in_use", f"Campaigns went through “{branch.path[-200:]}”; their history needs it."
        ) from None
    await audit.note(
        tx, branch.center_id, actor=actor, action="branch.delete", subject=branch.id, path=branch.path[:500]
    )


async def ensure(tx: Tx, center_id: str, paths: Iterable[str], *, save: bool) -> tuple[dict[str, str], int]:
    """`{path_key: id}` of the whole tree with these paths and all that leads to them in it, and how many branches
    that made. Without `save` nothing is written and the new ids mean nothing."""
    known = await tree.path_keys(tx, center_id)
    new = []
    for path in paths:
        parent_id, way = None, ""
        for name in path.split("/") if rules.path_key(path) not in known else ():
            way = f"{way}/{name}" if way else name
            key = rules.path_key(way)
            if key not in known:
                known[key] = ids.new("brn")
                row = {"id": known[key], "parent_id": parent_id, "name": name, "path": way, "path_key": key}
                new.append(row | {"center_id": center_id, "created_at": tx.now})
            parent_id = known[key]
    if save:
        await tree.insert_branches(tx, new)
    return known, len(new)
