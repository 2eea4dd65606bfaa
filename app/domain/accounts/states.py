"""Whether an account's credential may be used."""

from enum import StrEnum


class Status(StrEnum):
    ACTIVE = "active"
    REFUSED = "refused"  # the platform refused the credential; nothing leaves until a new secret is given
    OFF = "off"  # switched off by an operator
