"""Which exceptions mean that the database does not answer now, rather than that a statement is wrong."""

import socket

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.db import TROUBLE
from app.core.refusals import refusal

_AWAY = (
    PoolTimeout,
    ConnectionError,
    socket.gaierror,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
_STATES = ("08", "40", "53", "57P")  # connection exceptions, transactions that collided, resources, shutting down
_COLLIDED = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock
_SQLITE = ("locked", "unable to open", "disk i/o")


def is_outage(error: BaseException) -> bool:
    """Whether the same request may well succeed later."""
    if isinstance(error, _AWAY):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError) or refusal(error):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state.startswith(_STATES) or isinstance(error.orig, _AWAY):
        return True
    return isinstance(error, OperationalError) and any(word in str(error.orig).lower() for word in _SQLITE)


def concerns_all(error: BaseException) -> bool:
    """Whether the database is away, or just coming back, so that everything else has to wait as well. Otherwise it is
    the fault of what was asked, and holds up nothing else."""
    return isinstance(error, TROUBLE) and (is_outage(error) or not isinstance(error, DBAPIError))


def is_collision(error: BaseException) -> bool:
    """Whether the database ended this transaction for the sake of another one: nothing of it stands, and the same
    again will do."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _COLLIDED
