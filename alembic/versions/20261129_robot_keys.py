"""one robot is one address, however it is written: the keys of the groups that stand"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
import structlog

from alembic import op
from app.core.secrets import SecretBroken, Vault, keys_in
from app.core.settings import load
from app.domain.directory.rules import address_key

revision: str = "rb20261129k01"
down_revision: str | Sequence[str] | None = "bg20261129b01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

log = structlog.get_logger("alembic")

ROBOTS = ("wecom", "dingtalk", "feishu", "discord")

CARRIED = [
    ("chat_group", "address_key", "new_key", "group_id = chat_group.id", "old_key"),
    ("campaign_group", "address_key", "new_key", "group_id = campaign_group.group_id", "old_key"),
    ("delivery", "chat", "new_chat", "group_id = delivery.group_id", "old_chat"),
]
"""Where a group's key is written: table, column, and what of `rekeyed` takes the place of what."""


def upgrade() -> None:
    """Two groups that turn out to be one robot stay two, and are named: the older one gets the key. What no key of ours
    opens keeps its key, too."""
    rows = op.get_bind().execute(_GROUPS, {"robots": ROBOTS}).all()
    changes = _changes(rows)
    if not changes:
        return
    rekeyed = sa.Table("rekeyed", sa.MetaData(), *_columns(), prefixes=["TEMPORARY"])
    rekeyed.create(op.get_bind())
    op.get_bind().execute(rekeyed.insert(), changes)
    for table, column, new, which, old in CARRIED:
        found = f"FROM rekeyed WHERE rekeyed.{which} AND rekeyed.{old} = {table}.{column}"
        op.execute(f"UPDATE {table} SET {column} = (SELECT rekeyed.{new} {found}) WHERE EXISTS (SELECT 1 {found})")  # noqa: S608 - our own words
    op.execute(
        "UPDATE gate SET subject = (SELECT min(new_chat) FROM rekeyed WHERE old_chat = gate.subject)"
        " WHERE subject IN (SELECT min(old_chat) FROM rekeyed WHERE old_chat IN (SELECT subject FROM gate)"
        " AND new_chat NOT IN (SELECT subject FROM gate) GROUP BY new_chat)"
    )
    rekeyed.drop(op.get_bind())


def downgrade() -> None:
    """The keys stay: an older program, too, finds its groups by them, if they are written as their platform does."""


_GROUPS = sa.text(
    "SELECT id, center_id, platform, name, address_key, secret_box FROM chat_group"
    " WHERE platform IN :robots AND secret_box IS NOT NULL ORDER BY id"
).bindparams(sa.bindparam("robots", expanding=True))


def _columns() -> list[sa.Column[str]]:
    names = ("old_key", "new_key", "old_chat", "new_chat")
    return [sa.Column("group_id", sa.String(), primary_key=True), *(sa.Column(name, sa.String()) for name in names)]


def _changes(rows: Sequence[sa.Row]) -> list[Mapping[str, str]]:
    """The groups whose keys are others by today's rule."""
    taken = {(row.center_id, row.platform, row.address_key): row for row in rows}
    changes: list[Mapping[str, str]] = []
    vault = _vault() if rows else None
    for row in rows:
        try:
            address = vault.open(row.id, row.secret_box).get("address") if vault else None
        except SecretBroken:
            log.warning("a group's address cannot be read; its key stays", group=row.name, id=row.id)
            continue
        key = address_key(row.platform, address, row.name) if address else row.address_key
        if key == row.address_key:
            continue
        if other := taken.get((row.center_id, row.platform, key)):
            names = {"group": row.name, "id": row.id, "other": other.name, "other_id": other.id}
            log.warning("two groups are one robot, which gets every announcement twice; archive one", **names)
            continue
        taken[row.center_id, row.platform, key] = row
        chats = {"old_chat": f"{row.platform}:{row.address_key}", "new_chat": f"{row.platform}:{key}"}
        changes.append({"group_id": row.id, "old_key": row.address_key, "new_key": key, **chats})
    return changes


def _vault() -> Vault:
    settings = load()
    return Vault([key.get_secret_value() for key in settings.secret_keys] or keys_in(settings.data_dir))
