"""Who may do what: four roles, and the duties each one carries."""

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    OPERATOR = "operator"
    APPROVER = "approver"
    VIEWER = "viewer"


class Duty(StrEnum):
    """What a route asks of the key that calls it."""

    READ = "read"
    OPERATE = "operate"  # directory, scripts, campaigns
    APPROVE = "approve"
    STOP = "stop"  # the kill switch
    OWN = "own"  # keys, accounts, the audit log


DUTIES: dict[Role, frozenset[Duty]] = {
    Role.OWNER: frozenset(Duty),
    Role.OPERATOR: frozenset({Duty.READ, Duty.OPERATE, Duty.STOP}),
    Role.APPROVER: frozenset({Duty.READ, Duty.APPROVE, Duty.STOP}),
    Role.VIEWER: frozenset({Duty.READ}),
}
