"""The application, lent to a test: its routes are made once and used again, for FastAPI needs 0.17 s to make them; its
state is new each time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from starlette.datastructures import State

from app.flows.kit import Kit
from app.main import create_app

_idle: list[FastAPI] = []


@contextmanager
def application(kit: Kit) -> Iterator[FastAPI]:
    """What `create_app(kit=kit)` makes, without its lifespan. Nobody else has it meanwhile."""
    app = _idle.pop() if _idle else create_app()
    app.state = State({"kit": kit, "stopping": asyncio.Event()})
    try:
        yield app
    finally:
        _idle.append(app)
