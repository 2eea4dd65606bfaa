"""Sealed boxes: an address or a contact that is a credential is shown masked and kept whole only in here."""

from typing import Protocol

from app.core.secrets import Vault
from app.domain.directory import rules
from app.domain.directory.rules import Contact


class Boxed(Protocol):
    """A group, as its row."""

    @property
    def id(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def secret_box(self) -> str | None: ...


class Reached(Protocol):
    """A leader, as his row."""

    @property
    def id(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def contact_box(self) -> str | None: ...


def whole_address(vault: Vault, group: Boxed) -> tuple[str, dict[str, str]]:
    """The address as the platform takes it, and the group's own secrets (`{"secret": …}` or none). Raises
    SecretBroken."""
    own = vault.open(group.id, group.secret_box) if group.secret_box else {}
    return own.pop("address", group.address), own


def whole_contact(vault: Vault, leader: Reached) -> str:
    """The contact without its kind: a Telegram number, a WeCom user id, a mail address, a webhook's URL; empty for
    `none`. Raises SecretBroken."""
    return vault.open(leader.id, leader.contact_box)["contact"] if leader.contact_box else leader.contact


def address_columns(
    vault: Vault, group_id: str, *, platform: str, address: str, key: str, secret: str
) -> dict[str, str | None]:
    """The columns that hold a group's address, its comparable `key` and the group's own secret. Only what is a
    credential is sealed."""
    credential = rules.is_credential(platform, address)
    box = ({"address": address} if credential else {}) | ({"secret": secret} if secret else {})
    return {
        "address": rules.masked(address) if credential else address,
        "address_key": key,
        "secret_box": vault.seal(group_id, box) if box else None,
    }


def contact_columns(vault: Vault, leader_id: str, contact: Contact) -> dict[str, str | None]:
    """The columns that hold a leader's contact."""
    return {
        "contact_kind": contact.kind,
        "contact": contact.shown,
        "contact_box": vault.seal(leader_id, {"contact": contact.value}) if contact.secret else None,
    }


def same_contact(vault: Vault, leader: Reached, *, kind: str, contact: Contact) -> bool:
    return (kind, whole_contact(vault, leader)) == (contact.kind, contact.value)
